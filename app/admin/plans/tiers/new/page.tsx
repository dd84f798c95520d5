import type { Metadata } from "next";
import { requireAdministrator } from "#app/_server/session.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { catalogue } from "#lib/catalogue/views.ts";
import { TierForm } from "../../_parts/tier-form.tsx";

export const metadata: Metadata = { title: "New tier" };

export default async function NewTierPage() {
  await requireAdministrator();
  return (
    <>
      <PageHeader
        title="New tier"
        breadcrumbs={[{ label: "Plans", href: "/admin/plans" }, { label: "New tier" }]}
      />
      <TierForm catalogue={await catalogue()} />
    </>
  );
}
