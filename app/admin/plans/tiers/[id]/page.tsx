import type { Metadata } from "next";
import { found } from "#app/_server/found.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { catalogue, findTier } from "#lib/catalogue/views.ts";
import { TierForm } from "../../_parts/tier-form.tsx";

export const metadata: Metadata = { title: "Tier" };

/** One level of service, to change. */
export default async function TierPage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireAdministrator();
  const tier = await found(findTier(actor, (await params).id));
  return (
    <>
      <PageHeader
        title={tier.name}
        status={tier.isDefault && <Badge>Default</Badge>}
        breadcrumbs={[{ label: "Plans", href: "/admin/plans" }, { label: tier.name }]}
        description={
          tier.isDefault
            ? "The tier of everybody who pays for none."
            : "What is saved here holds at once for every organization that has this tier."
        }
      />
      <TierForm tier={tier} catalogue={await catalogue()} />
    </>
  );
}
