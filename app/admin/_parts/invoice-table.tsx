import { InvoiceStatus } from "#app/_billing/invoice-status.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Money } from "#app/_ui/money.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { listInvoices } from "#lib/billing/views.ts";

type Row = Awaited<ReturnType<typeof listInvoices>>["rows"][number];

/** An organization's latest invoices, each leading to what the gateway told about it. */
export function InvoiceTable({ rows }: { rows: readonly Row[] }) {
  return (
    <Table
      caption="Invoices, newest first"
      rows={rows}
      rowKey={(row) => row.id}
      rowHref={(row) => `/admin/search?q=${encodeURIComponent(row.ref)}`}
      columns={[
        { key: "number", header: "Number", cell: (row) => row.number ?? row.ref },
        {
          key: "status",
          header: "Status",
          narrow: true,
          cell: (row) => <InvoiceStatus invoice={row} />,
        },
        {
          key: "total",
          header: "Total",
          align: "right",
          narrow: true,
          cell: (row) => <Money amountMinor={row.totalMinor} currency={row.currency} />,
        },
        {
          key: "issued",
          header: "Issued",
          narrow: true,
          cell: (row) => <Time at={row.issuedAt} dateOnly />,
        },
      ]}
      empty={<Empty title="No invoice yet" />}
    />
  );
}
