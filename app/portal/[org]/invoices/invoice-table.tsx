import { ReceiptText } from "lucide-react";
import { InvoiceStatus } from "#app/_billing/invoice-status.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Money } from "#app/_ui/money.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { listInvoices } from "#lib/billing/views.ts";

type Row = Awaited<ReturnType<typeof listInvoices>>["rows"][number];

/** An organization's invoices as its own people see them. */
export function InvoiceTable({ rows, base }: { rows: readonly Row[]; base: string }) {
  return (
    <Table
      caption="Invoices, newest first"
      rows={rows}
      rowKey={(row) => row.id}
      rowHref={(row) => `${base}/${row.id}`}
      columns={[
        { key: "number", header: "Invoice", cell: (row) => row.number ?? "Invoice" },
        {
          key: "issued",
          header: "Date",
          cell: (row) => <Time at={row.issuedAt} dateOnly />,
        },
        {
          key: "status",
          header: "Status",
          cell: (row) => <InvoiceStatus invoice={row} />,
          narrow: true,
        },
        {
          key: "total",
          header: "Total",
          align: "right",
          cell: (row) => <Money amountMinor={row.totalMinor} currency={row.currency} />,
          narrow: true,
        },
      ]}
      empty={
        <Empty icon={<ReceiptText />} title="No invoice yet">
          The first one appears when a plan is paid for.
        </Empty>
      }
    />
  );
}
