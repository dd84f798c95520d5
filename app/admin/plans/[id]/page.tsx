import type { Metadata } from "next";
import { found } from "#app/_server/found.ts";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { CheckField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { findSelling, markets, type SellingView } from "#lib/billing/selling/views.ts";
import { catalogue, findPlan, type PlanView } from "#lib/catalogue/views.ts";
import { PlanForm } from "../_parts/plan-form.tsx";
import { Selling } from "../_parts/selling.tsx";
import { archive, unarchive } from "../actions.ts";

export const metadata: Metadata = { title: "Plan" };

/** One plan, to change or to take off sale. */
export default async function PlanPage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireAdministrator();
  const plan = await found(findPlan(actor, (await params).id));
  const [all, known] = await Promise.all([markets(actor, await shownMode()), catalogue()]);
  const selling = await Promise.all(all.map((market) => findSelling(actor, market, plan.id)));
  return (
    <>
      <PageHeader
        title={plan.name}
        status={plan.archivedAt ? <Badge>Archived</Badge> : <Badge tone="green">On sale</Badge>}
        breadcrumbs={[{ label: "Plans", href: "/admin/plans" }, { label: plan.name }]}
        description={subscribed(plan.subscriptions)}
        actions={<Sale plan={plan} selling={selling} />}
      />
      <PlanForm plan={plan} catalogue={known} markets={all} />
      {selling.map((view) => (
        <Selling key={view.market.gateway} planId={plan.id} selling={view} />
      ))}
    </>
  );
}

function subscribed(count: number): string {
  if (count === 0) return "Nobody subscribes to it.";
  return count === 1 ? "1 subscription." : `${count.toLocaleString("en")} subscriptions.`;
}

function Sale({
  plan,
  selling,
}: {
  plan: PlanView & { subscriptions: number };
  selling: readonly SellingView[];
}) {
  const id = <input type="hidden" name="planId" value={plan.id} />;
  if (plan.archivedAt) {
    return (
      <Form action={unarchive} className="flex">
        {id}
        <SubmitButton variant="secondary">Put on sale again</SubmitButton>
      </Form>
    );
  }
  return (
    <Confirm
      trigger={<Button variant="secondary">Archive</Button>}
      title={`Archive ${plan.name}?`}
      confirmLabel="Archive plan"
      action={archive}
      tone="primary"
    >
      {id}
      It leaves the pricing page. Those who subscribe to it keep it, and its gateway prices go on
      giving its tier. You can put it on sale again.
      {selling
        .filter(
          ({ market, mirrored }) => market.canAsk && mirrored.some(({ isActive }) => isActive),
        )
        .map(({ market }) => (
          <CheckField
            key={market.gateway}
            name={`withdraw.${market.gateway}`}
            value={market.mode}
            label={`Take its prices off sale at ${market.title} as well (${market.mode} mode)`}
            hint="Subscriptions keep the price that they have."
          />
        ))}
    </Confirm>
  );
}
