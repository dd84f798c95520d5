import type { Metadata } from "next";
import { Suspense } from "react";
import { ListProblem } from "#app/_lists/list-problem.tsx";
import { ListSkeleton } from "#app/_lists/list-skeleton.tsx";
import {
  type Address,
  listed,
  neighbours,
  oneOf,
  pageRequest,
  readAddress,
  type SearchParams,
} from "#app/_server/address.ts";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { FilterBar } from "#app/_ui/filter-bar.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Pagination } from "#app/_ui/pagination.tsx";
import { Card } from "#app/_ui/section.tsx";
import type { Administrator } from "#lib/actor.ts";
import { listPayments } from "#lib/billing/admin-views.ts";
import { organizationAsked, organizationFilter, statusFilter } from "../_parts/owned-filters.ts";
import { PaymentTable } from "../_parts/payment-table.tsx";

export const metadata: Metadata = { title: "Payments" };

const PATH = "/admin/payments";
const STATUSES = [
  "succeeded",
  "failed",
  "pending",
  "requires_action",
  "authorized",
  "canceled",
] as const;

/** Every payment of the mode that is shown, the last made first. */
export default async function PaymentsPage({ searchParams }: { searchParams: SearchParams }) {
  const actor = await requireAdministrator();
  const asked = await readAddress(searchParams);
  return (
    <>
      <PageHeader title="Payments" />
      <FilterBar
        action={PATH}
        filters={[statusFilter(STATUSES, asked.status), organizationFilter(asked.organization)]}
      />
      <Suspense fallback={<ListSkeleton />}>
        <Payments actor={actor} asked={asked} />
      </Suspense>
    </>
  );
}

async function Payments({ actor, asked }: { actor: Administrator; asked: Address }) {
  const filter = {
    mode: await shownMode(),
    status: oneOf(asked.status, STATUSES),
    organizationId: await organizationAsked(actor, asked.organization),
  };
  const { list, problem } = await listed(() => listPayments(actor, filter, pageRequest(asked)));
  if (!list) return <ListProblem problem={problem} href={PATH} />;
  return (
    <Card flush>
      <PaymentTable rows={list.rows} ofEverybody filtered={Object.values(asked).some(Boolean)} />
      <Pagination {...neighbours(PATH, asked, list)} />
    </Card>
  );
}
