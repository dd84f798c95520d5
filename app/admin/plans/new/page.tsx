import type { Metadata } from "next";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { markets } from "#lib/billing/selling/views.ts";
import { catalogue } from "#lib/catalogue/views.ts";
import { PlanForm } from "../_parts/plan-form.tsx";

export const metadata: Metadata = { title: "New plan" };

export default async function NewPlanPage() {
  const actor = await requireAdministrator();
  const [all, known] = await Promise.all([markets(actor, await shownMode()), catalogue()]);
  return (
    <>
      <PageHeader
        title="New plan"
        breadcrumbs={[{ label: "Plans", href: "/admin/plans" }, { label: "New plan" }]}
      />
      <PlanForm catalogue={known} markets={all} />
    </>
  );
}
