import { Money } from "#app/_ui/money.tsx";
import type { QuoteRow } from "#lib/billing/changing/store.ts";
import { formatMoney } from "#lib/money.ts";
import { dayInWords } from "#lib/time.ts";

/** Everything that a change costs and gives back, as the gateway reckons it, and what follows. */
export function Lines({ quote }: { quote: QuoteRow }) {
  const { lines, includedTaxMinor, currency, timing, nextTotalMinor, nextAt } = quote;
  const total = timing === "now" ? quote.dueMinor - quote.creditedMinor : (nextTotalMinor ?? 0);
  const addedTax = quote.taxMinor - includedTaxMinor;
  const listed = lines.reduce((sum, line) => sum + line.amountMinor, 0) + addedTax;
  return (
    <div className="grid gap-3">
      <table className="w-full text-sm">
        <caption className="sr-only">What the change costs</caption>
        <tbody className="divide-y divide-line">
          {lines.map((line, place) => (
            <Row
              // biome-ignore lint/suspicious/noArrayIndexKey: the gateway's lines have no names and never reorder.
              key={place}
              label={line.description}
              amountMinor={line.amountMinor}
              currency={currency}
            />
          ))}
          {addedTax !== 0 && <Row label="Tax" amountMinor={addedTax} currency={currency} />}
          {lines.length > 0 && total !== listed && (
            <Row
              label="Discounts, and credit that you have"
              amountMinor={total - listed}
              currency={currency}
            />
          )}
        </tbody>
        <tfoot className="border-t border-line-strong font-semibold">
          {timing === "now" ? (
            <Row
              label={quote.creditedMinor > 0 ? "Credited for later invoices" : "Due today"}
              amountMinor={quote.creditedMinor > 0 ? quote.creditedMinor : quote.dueMinor}
              currency={currency}
            />
          ) : (
            <Row label="Due today" amountMinor={0} currency={currency} />
          )}
        </tfoot>
      </table>
      {includedTaxMinor !== 0 && (
        <p className="text-sm text-muted">
          Includes tax of{" "}
          <span className="tabular-nums">
            {formatMoney({ amountMinor: includedTaxMinor, currency })}
          </span>
          .
        </p>
      )}
      {nextTotalMinor !== null && nextAt && (
        <p className="text-sm">
          The next invoice is{" "}
          <strong className="font-semibold tabular-nums">
            {formatMoney({ amountMinor: nextTotalMinor, currency })}
          </strong>{" "}
          on {dayInWords(nextAt)}.{quote.creditedMinor > 0 && " Your credit is used for it first."}
        </p>
      )}
    </div>
  );
}

function Row({
  label,
  amountMinor,
  currency,
}: {
  label: string;
  amountMinor: number;
  currency: string;
}) {
  return (
    <tr>
      <th scope="row" className="py-2 pr-4 text-left wrap-anywhere [tbody_&]:font-normal">
        {label}
      </th>
      <td className="py-2 text-right align-top">
        <Money amountMinor={amountMinor} currency={currency} />
      </td>
    </tr>
  );
}
