import { StatusBadge } from "#app/_ui/badge.tsx";
import { Money } from "#app/_ui/money.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { listPayments } from "#lib/billing/paying/views.ts";
import { paidWithInWords } from "#lib/payment-method.ts";

type Row = Awaited<ReturnType<typeof listPayments>>[number];

/** Each try to pay the invoice, with what came of it and what went back. */
export function Payments({ rows }: { rows: readonly Row[] }) {
  return (
    <Table
      caption="Payments of this invoice, newest first"
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        { key: "at", header: "Date", cell: (row) => <Time at={row.startedAt} dateOnly /> },
        {
          key: "method",
          header: "With",
          cell: (row) => (row.method ? paidWithInWords(row.method) : "—"),
        },
        {
          key: "status",
          header: "Status",
          wide: true,
          cell: (row) => (
            <span className="grid justify-items-end gap-1 sm:justify-items-start">
              <StatusBadge status={row.status} />
              {row.failureMessage && row.status !== "succeeded" && (
                <span className="text-muted">{row.failureMessage}</span>
              )}
              {row.refundedMinor > 0 && (
                <span className="text-muted">
                  <Money amountMinor={row.refundedMinor} currency={row.currency} /> went back
                </span>
              )}
            </span>
          ),
        },
        {
          key: "amount",
          header: "Amount",
          align: "right",
          narrow: true,
          cell: (row) => <Money amountMinor={row.amountMinor} currency={row.currency} />,
        },
      ]}
    />
  );
}
