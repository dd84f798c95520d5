import { Badge } from "#app/_ui/badge.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Money } from "#app/_ui/money.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { findInvoice } from "#lib/billing/views.ts";

type Invoice = NonNullable<Awaited<ReturnType<typeof findInvoice>>>;

/** The lines of an invoice, and below them what they come to. */
export function Lines({ invoice }: { invoice: Invoice }) {
  const { lines, currency, includedTaxMinor } = invoice;
  const addedTax = invoice.taxMinor - includedTaxMinor;
  return (
    <>
      <Table
        caption="Invoice lines"
        rows={lines.map((line, index) => ({ ...line, key: String(index) }))}
        rowKey={(line) => line.key}
        columns={[
          {
            key: "description",
            header: "Description",
            cell: (line) => (
              <span className="grid gap-1">
                <span className="wrap-anywhere">{line.description || "Subscription"}</span>
                {line.isProration && (
                  <span>
                    <Badge>Part of a period</Badge>
                  </span>
                )}
              </span>
            ),
          },
          {
            key: "period",
            header: "Period",
            cell: (line) =>
              line.periodStart && line.periodEnd ? (
                <span className="text-muted">
                  <Time at={line.periodStart} dateOnly /> to <Time at={line.periodEnd} dateOnly />
                </span>
              ) : (
                <span className="text-muted">—</span>
              ),
          },
          {
            key: "quantity",
            header: "Quantity",
            align: "right",
            narrow: true,
            cell: (line) => line.quantity ?? 1,
          },
          {
            key: "amount",
            header: "Amount",
            align: "right",
            narrow: true,
            cell: (line) => <Money amountMinor={line.amountMinor} currency={currency} />,
          },
        ]}
        empty={<Empty title="The invoice has no lines">Its total is above.</Empty>}
      />
      <dl className="ml-auto grid w-full gap-2 border-t border-line px-4 py-4 text-sm sm:max-w-72">
        {addedTax !== 0 && <Sum label="Tax" minor={addedTax} currency={currency} />}
        <Sum label="Total" minor={invoice.totalMinor} currency={currency} strong />
        {includedTaxMinor !== 0 && (
          <Sum label="Includes tax of" minor={includedTaxMinor} currency={currency} />
        )}
      </dl>
    </>
  );
}

function Sum({
  label,
  minor,
  currency,
  strong = false,
}: {
  label: string;
  minor: number;
  currency: string;
  strong?: boolean;
}) {
  return (
    <div className={strong ? "flex justify-between font-semibold" : "flex justify-between"}>
      <dt>{label}</dt>
      <dd>
        <Money amountMinor={minor} currency={currency} />
      </dd>
    </div>
  );
}
