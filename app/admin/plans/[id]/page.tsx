import type { Metadata } from "next";
import { found } from "#app/_server/found.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { Form } from "#app/_ui/form.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { catalogue, findPlan, type PlanView } from "#lib/catalogue/views.ts";
import { PlanForm } from "../_parts/plan-form.tsx";
import { archive, unarchive } from "../actions.ts";

export const metadata: Metadata = { title: "Plan" };

/** One plan, to change or to take off sale. */
export default async function PlanPage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireAdministrator();
  const plan = await found(findPlan(actor, (await params).id));
  return (
    <>
      <PageHeader
        title={plan.name}
        status={plan.archivedAt ? <Badge>Archived</Badge> : <Badge tone="green">On sale</Badge>}
        breadcrumbs={[{ label: "Plans", href: "/admin/plans" }, { label: plan.name }]}
        description={subscribed(plan.subscriptions)}
        actions={<Sale plan={plan} />}
      />
      <PlanForm plan={plan} catalogue={await catalogue()} />
    </>
  );
}

function subscribed(count: number): string {
  if (count === 0) return "Nobody subscribes to it.";
  return count === 1 ? "1 subscription." : `${count.toLocaleString("en")} subscriptions.`;
}

function Sale({ plan }: { plan: PlanView & { subscriptions: number } }) {
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
    </Confirm>
  );
}
