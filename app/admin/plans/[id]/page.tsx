import type { Metadata } from "next";
import { found } from "#app/_server/found.ts";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { findSelling, markets } from "#lib/billing/selling/views.ts";
import { catalogue, findPlan } from "#lib/catalogue/views.ts";
import { counted } from "#lib/counted.ts";
import { PlanForm } from "../_parts/plan-form.tsx";
import { Sale, SaleStatus } from "../_parts/sale.tsx";
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
        status={<SaleStatus archivedAt={plan.archivedAt} />}
        breadcrumbs={[{ label: "Plans", href: "/admin/plans" }, { label: plan.name }]}
        description={subscribed(plan.subscriptions)}
        actions={
          <Sale
            noun="plan"
            known={plan}
            archive={archive}
            unarchive={unarchive}
            selling={selling}
            kept="Subscriptions keep the price that they have."
          >
            It leaves the pricing page. Those who subscribe to it keep it, and its gateway prices go
            on giving its tier. You can put it on sale again.
          </Sale>
        }
      />
      <PlanForm plan={plan} catalogue={known} markets={all} />
      {selling.map((view) => (
        <Selling key={view.market.gateway} selling={view} />
      ))}
    </>
  );
}

function subscribed(count: number): string {
  if (count === 0) return "Nobody subscribes to it.";
  return `${counted(count, "subscription")}.`;
}
