import { CreditCard } from "lucide-react";
import { StatusBadge } from "#app/_ui/badge.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Money } from "#app/_ui/money.tsx";
import { type Column, Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { listPayments } from "#lib/billing/admin-views.ts";
import { paidWithInWords } from "#lib/payment-method.ts";
import { Named, organizationColumn } from "./owned-rows.tsx";

type Row = Awaited<ReturnType<typeof listPayments>>["rows"][number];

/** Payments as rows; `ofEverybody` adds whose they are. */
export function PaymentTable({
  rows,
  ofEverybody = false,
  filtered = false,
}: {
  rows: readonly Row[];
  ofEverybody?: boolean;
  filtered?: boolean;
}) {
  const columns: (Column<Row> | false)[] = [
    {
      key: "ref",
      header: "Payment",
      cell: (row) => (
        <Named name={row.method ? paidWithInWords(row.method) : "Payment"} id={row.ref} />
      ),
    },
    { key: "status", header: "Status", narrow: true, cell: (row) => <Status row={row} /> },
    ofEverybody && organizationColumn<Row>(),
    {
      key: "amount",
      header: "Amount",
      align: "right",
      narrow: true,
      cell: (row) => <Money amountMinor={row.amountMinor} currency={row.currency} />,
    },
    {
      key: "started",
      header: "Started",
      narrow: true,
      cell: (row) => <Time at={row.startedAt} relative={false} />,
    },
  ];
  return (
    <Table
      caption="Payments"
      rows={rows}
      rowKey={(row) => row.id}
      rowHref={(row) => `/admin/search?q=${encodeURIComponent(row.ref)}`}
      columns={columns.filter((column) => column !== false)}
      empty={
        <Empty icon={<CreditCard />} title={filtered ? "No payment matches" : "No payment yet"}>
          {filtered
            ? "Clear a filter, or look in the other mode."
            : "It appears when the gateway tells of one, paid or not."}
        </Empty>
      }
    />
  );
}

function Status({ row }: { row: Row }) {
  const refunded = row.refundedMinor >= row.amountMinor ? "refunded" : "partially_refunded";
  return (
    <span className="inline-flex flex-wrap gap-1 max-sm:justify-end">
      <StatusBadge status={row.status} />
      {row.refundedMinor > 0 && <StatusBadge status={refunded} />}
      {row.isDisputed && <StatusBadge status="disputed" />}
      {row.failureMessage && (
        <span className="basis-full text-xs text-muted">{row.failureMessage}</span>
      )}
    </span>
  );
}
