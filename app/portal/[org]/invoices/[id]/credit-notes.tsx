import { safeLink } from "#app/_billing/safe-link.ts";
import { StatusBadge } from "#app/_ui/badge.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Money } from "#app/_ui/money.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { findInvoice } from "#lib/billing/views.ts";
import { formatMoney } from "#lib/money.ts";

type Invoice = NonNullable<Awaited<ReturnType<typeof findInvoice>>>;
type Note = Invoice["creditNotes"][number];

/** What was taken back of an invoice after it was issued: how much, why, and what became of the money. */
export function CreditNotes({ invoice: { creditNotes, currency } }: { invoice: Invoice }) {
  return (
    <Section title="Credit notes" description="What was taken back of this invoice." flush>
      <ul className="divide-y divide-line">
        {creditNotes.map((note) => (
          <li key={note.ref} className="grid gap-3 p-4 sm:px-6">
            <Head note={note} currency={currency} />
            <p className="max-w-prose text-sm text-muted wrap-anywhere">
              {reasonOf(note, currency)}
            </p>
            {note.lines.length > 0 && <NoteLines note={note} currency={currency} />}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Head({ note, currency }: { note: Note; currency: string }) {
  const pdf = safeLink(note.pdfUrl);
  const name = note.number ?? "Credit note";
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
      <h3 className="flex min-w-0 flex-wrap items-center gap-2 font-medium wrap-anywhere">
        {name} {note.status === "void" && <StatusBadge status="void" />}
        {note.issuedAt && (
          <span className="text-sm font-normal text-muted">
            <Time at={note.issuedAt} dateOnly />
          </span>
        )}
      </h3>
      <div className="flex flex-wrap items-center gap-4">
        <span className="font-medium">
          <Money amountMinor={note.amountMinor} currency={currency} />
        </span>
        {pdf && (
          <ButtonLink href={pdf} external size="sm">
            Download PDF<span className="sr-only"> of {name}</span>
          </ButtonLink>
        )}
      </div>
    </div>
  );
}

function NoteLines({ note, currency }: { note: Note; currency: string }) {
  const addedTax = (note.taxMinor ?? 0) - (note.includedTaxMinor ?? 0);
  return (
    <table className="w-full text-sm">
      <caption className="sr-only">Lines of {note.number ?? "the credit note"}</caption>
      <tbody>
        {note.lines.map((line, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the gateway's lines have no names and never reorder.
          <tr key={place}>
            <th scope="row" className="py-1 pr-4 text-left font-normal wrap-anywhere">
              {line.description || "Credit"}
              {line.quantity !== null && line.quantity > 1 && ` × ${line.quantity}`}
            </th>
            <td className="py-1 text-right align-top">
              <Money amountMinor={line.amountMinor} currency={currency} />
            </td>
          </tr>
        ))}
        {addedTax !== 0 && (
          <tr>
            <th scope="row" className="py-1 pr-4 text-left font-normal">
              Tax
            </th>
            <td className="py-1 text-right align-top">
              <Money amountMinor={addedTax} currency={currency} />
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

const REASONS: Readonly<Record<string, string>> = {
  duplicate: "It was charged twice.",
  fraudulent: "The charge was not yours.",
  order_change: "What you ordered was changed.",
  product_unsatisfactory: "You were not satisfied.",
};

function reasonOf(note: Note, currency: string): string {
  const money = (amountMinor: number) => formatMoney({ amountMinor, currency });
  const { status, reason, memo, refundedMinor, creditedMinor } = note;
  if (status === "void") return "It was taken back: it counts for nothing.";
  return [
    reason && REASONS[reason],
    memo,
    refundedMinor > 0 && `${money(refundedMinor)} went back by the way it came.`,
    creditedMinor > 0 && `${money(creditedMinor)} is used for your next invoices.`,
    refundedMinor + creditedMinor === 0 && "It makes the invoice smaller.",
  ]
    .filter(Boolean)
    .join(" ");
}
