import { ShoppingBag } from "lucide-react";
import { StatusBadge } from "#app/_ui/badge.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Money } from "#app/_ui/money.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { listOrders } from "#lib/billing/ordering/views.ts";

type Row = Awaited<ReturnType<typeof listOrders>>["rows"][number];

/** An organization's orders as its own people see them. */
export function OrderTable({ rows, base }: { rows: readonly Row[]; base: string }) {
  return (
    <Table
      caption="Orders, newest first"
      rows={rows}
      rowKey={(row) => row.id}
      rowHref={(row) => `${base}/orders/${row.id}`}
      columns={[
        {
          key: "product",
          header: "Order",
          cell: ({ productName, quantity }) =>
            quantity > 1 ? `${productName} × ${quantity}` : productName,
        },
        { key: "ordered", header: "Date", cell: (row) => <Time at={row.orderedAt} dateOnly /> },
        { key: "state", header: "State", narrow: true, cell: (row) => <OrderState row={row} /> },
        {
          key: "amount",
          header: "Amount",
          align: "right",
          narrow: true,
          cell: ({ chargedMinor, amountMinor, currency }) => (
            <Money amountMinor={chargedMinor ?? amountMinor} currency={currency} />
          ),
        },
      ]}
      empty={
        <Empty icon={<ShoppingBag />} title="No order yet">
          What you buy stands here, with what became of it.
        </Empty>
      }
    />
  );
}

/** Completed, and a part of it back. */
export function OrderState({ row }: { row: { state: string; refundedMinor: number } }) {
  return (
    <span className="inline-flex flex-wrap gap-1 max-sm:justify-end">
      <StatusBadge status={row.state} />
      {row.state === "completed" && row.refundedMinor > 0 && (
        <StatusBadge status="partially_refunded" />
      )}
    </span>
  );
}
