import { ShoppingBag } from "lucide-react";
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
import { StatusBadge } from "#app/_ui/badge.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { FilterBar } from "#app/_ui/filter-bar.tsx";
import { Money } from "#app/_ui/money.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Pagination } from "#app/_ui/pagination.tsx";
import { Card } from "#app/_ui/section.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { Administrator } from "#lib/actor.ts";
import { listAllOrders } from "#lib/billing/ordering/views.ts";
import { organizationAsked, organizationFilter, statusFilter } from "../_parts/owned-filters.ts";
import { Named, organizationColumn } from "../_parts/owned-rows.tsx";

export const metadata: Metadata = { title: "Orders" };

const PATH = "/admin/orders";
const STATES = ["completed", "pending", "refunded", "canceled"] as const;

/** Every order of a one-time product in the mode that is shown, the last asked first. */
export default async function OrdersPage({ searchParams }: { searchParams: SearchParams }) {
  const actor = await requireAdministrator();
  const asked = await readAddress(searchParams);
  return (
    <>
      <PageHeader title="Orders" description="Of one-time products." />
      <FilterBar
        action={PATH}
        filters={[statusFilter(STATES, asked.status), organizationFilter(asked.organization)]}
      />
      <Suspense fallback={<ListSkeleton />}>
        <Orders actor={actor} asked={asked} />
      </Suspense>
    </>
  );
}

type Row = Awaited<ReturnType<typeof listAllOrders>>["rows"][number];

async function Orders({ actor, asked }: { actor: Administrator; asked: Address }) {
  const filter = {
    mode: await shownMode(),
    state: oneOf(asked.status, STATES),
    organizationId: await organizationAsked(actor, asked.organization),
  };
  const { list, problem } = await listed(() => listAllOrders(actor, filter, pageRequest(asked)));
  if (!list) return <ListProblem problem={problem} href={PATH} />;
  const isFiltered = Object.values(asked).some(Boolean);
  return (
    <Card flush>
      <Table
        caption="Orders"
        rows={list.rows}
        rowKey={(row) => row.id}
        rowHref={(row) =>
          row.paymentRef ? `/admin/search?q=${encodeURIComponent(row.paymentRef)}` : undefined
        }
        columns={[
          {
            key: "product",
            header: "Order",
            cell: (row) => (
              <Named
                name={row.quantity > 1 ? `${row.productName} × ${row.quantity}` : row.productName}
                id={row.id}
              />
            ),
          },
          { key: "state", header: "State", narrow: true, cell: (row) => <State row={row} /> },
          organizationColumn<Row>(),
          {
            key: "amount",
            header: "Amount",
            align: "right",
            narrow: true,
            cell: ({ chargedMinor, amountMinor, currency }) => (
              <Money amountMinor={chargedMinor ?? amountMinor} currency={currency} />
            ),
          },
          {
            key: "ordered",
            header: "Ordered",
            narrow: true,
            cell: (row) => (
              <span className="grid">
                <Time at={row.orderedAt} relative={false} />
                <span className="text-xs text-muted wrap-anywhere">by {row.askedBy}</span>
              </span>
            ),
          },
        ]}
        empty={
          <Empty icon={<ShoppingBag />} title={isFiltered ? "No order matches" : "No order yet"}>
            {isFiltered
              ? "Clear a filter, or look in the other mode."
              : "It appears when somebody buys a one-time product in the portal’s shop."}
          </Empty>
        }
      />
      <Pagination {...neighbours(PATH, asked, list)} />
    </Card>
  );
}

function State({ row }: { row: Row }) {
  return (
    <span className="inline-flex flex-wrap gap-1 max-sm:justify-end">
      <StatusBadge status={row.state} />
      {row.state === "completed" && row.refundedMinor > 0 && (
        <StatusBadge status="partially_refunded" />
      )}
    </span>
  );
}
