import type { Metadata } from "next";
import { requireMember } from "#app/_server/session.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card } from "#app/_ui/section.tsx";
import { findDetails } from "#lib/billing/paying/views.ts";
import { DetailsForm } from "./form.tsx";

export const metadata: Metadata = { title: "Billing details" };

/** Who is billed, where, and under which tax id: what invoices carry. */
export default async function DetailsPage({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const actor = await requireMember(org, ["owner", "billing"]);
  const found = await findDetails(actor);
  const billing = `/portal/${encodeURIComponent(org)}/billing`;
  return (
    <>
      <PageHeader
        title="Billing details"
        breadcrumbs={[{ label: "Billing", href: billing }, { label: "Billing details" }]}
        description="What later invoices carry. Those that were issued stay as they are."
      />
      {found?.onItsWay && (
        <Banner tone="info" title="A change is on its way">
          The payment company has not answered yet. Look again in a moment.
        </Banner>
      )}
      <Card>
        {found ? (
          <DetailsForm actor={actor} {...found} />
        ) : (
          <Empty
            title="Nothing is billed yet"
            action={<ButtonLink href={billing}>See your plan</ButtonLink>}
          >
            When you choose a plan, the name and address for its invoices stand here.
          </Empty>
        )}
      </Card>
    </>
  );
}
