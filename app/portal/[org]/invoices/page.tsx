import type { Metadata } from "next";
import { Suspense } from "react";
import { ListProblem } from "#app/_lists/list-problem.tsx";
import { ListSkeleton } from "#app/_lists/list-skeleton.tsx";
import {
  type Address,
  listed,
  neighbours,
  pageRequest,
  readAddress,
  type SearchParams,
} from "#app/_server/address.ts";
import { requireMember } from "#app/_server/session.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Pagination } from "#app/_ui/pagination.tsx";
import { Card } from "#app/_ui/section.tsx";
import type { Member } from "#lib/actor.ts";
import { listInvoices } from "#lib/billing/views.ts";
import { config } from "#lib/config.ts";
import { InvoiceTable } from "./invoice-table.tsx";

export const metadata: Metadata = { title: "Invoices" };

type Props = { params: Promise<{ org: string }>; searchParams: SearchParams };

/** Every invoice of the organization. */
export default async function InvoicesPage({ params, searchParams }: Props) {
  const { org } = await params;
  const actor = await requireMember(org, ["owner", "billing"]);
  const asked = await readAddress(searchParams);
  return (
    <>
      <PageHeader title="Invoices" description="Every bill, paid or not." />
      <Suspense fallback={<ListSkeleton columns={4} />}>
        <Invoices
          actor={actor}
          asked={asked}
          base={`/portal/${encodeURIComponent(org)}/invoices`}
        />
      </Suspense>
    </>
  );
}

async function Invoices({ actor, asked, base }: { actor: Member; asked: Address; base: string }) {
  const { list, problem } = await listed(() =>
    listInvoices({ actor }, config().mode, pageRequest(asked)),
  );
  if (!list) return <ListProblem problem={problem} href={base} />;
  return (
    <Card flush>
      <InvoiceTable rows={list.rows} base={base} />
      <Pagination {...neighbours(base, asked, list)} />
    </Card>
  );
}
