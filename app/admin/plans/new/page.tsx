import type { Metadata } from "next";
import { requireAdministrator } from "#app/_server/session.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { catalogue } from "#lib/catalogue/views.ts";
import { PlanForm } from "../_parts/plan-form.tsx";

export const metadata: Metadata = { title: "New plan" };

export default async function NewPlanPage() {
  await requireAdministrator();
  return (
    <>
      <PageHeader
        title="New plan"
        breadcrumbs={[{ label: "Plans", href: "/admin/plans" }, { label: "New plan" }]}
      />
      <PlanForm catalogue={await catalogue()} />
    </>
  );
}
