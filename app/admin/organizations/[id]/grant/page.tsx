import type { Metadata } from "next";
import { readAddress, type SearchParams } from "#app/_server/address.ts";
import { found } from "#app/_server/found.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { findGranting, findRefunding } from "#lib/billing/granting/views.ts";
import { organizationNamed } from "../named.ts";
import { FreeOfCharge } from "./free-of-charge.tsx";
import { Credit, Refund, Trials } from "./money.tsx";

export const metadata: Metadata = { title: "Grant" };

type Props = { params: Promise<{ id: string }>; searchParams: SearchParams };

/** What an administrator can give: a plan, more days of trial, credit, money back. Each with a reason. */
export default async function GrantPage({ params, searchParams }: Props) {
  const { actor, organizationId, mode, name, base, live, breadcrumbs } =
    await organizationNamed(params);
  const { payment: paymentId } = await readAddress(searchParams);
  const [granting, refunding] = await Promise.all([
    findGranting(actor, { organizationId, mode }),
    paymentId ? found(findRefunding(actor, { organizationId, paymentId })) : undefined,
  ]);
  return (
    <>
      <PageHeader
        title="Grant"
        breadcrumbs={[...breadcrumbs, { label: "Grant" }]}
        description={`What ${name} gets from you, and not by paying for it.`}
      />
      <FreeOfCharge
        granting={granting}
        organizationId={organizationId}
        name={name}
        paysFor={live.length > 0}
      />
      <Trials granting={granting} organizationId={organizationId} />
      <Credit granting={granting} organizationId={organizationId} />
      <Refund
        granting={granting}
        refunding={refunding}
        organizationId={organizationId}
        base={base}
      />
    </>
  );
}
