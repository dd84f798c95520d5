import type Stripe from "stripe";
import { linesOf } from "../billing/invoice.ts";
import { addedBy, includedIn } from "../billing/taxes.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { type PdfLine, pdfOf } from "./pdf.ts";
import { day, money, plain } from "./words.ts";

const TEXT_MAX = 58;

/** An invoice on paper. */
export function invoicePdf(world: World, invoice: Stripe.Invoice): Uint8Array<ArrayBuffer> {
  const sum = (amount: number) => money(amount, invoice.currency);
  const off = (invoice.total_discount_amounts ?? []).reduce((all, { amount }) => all + amount, 0);
  const taxes = invoice.total_taxes ?? [];
  const added = addedBy(taxes);
  const included = includedIn(taxes);
  const lines: PdfLine[] = [
    { text: `Invoice ${invoice.number ?? invoice.id}`, size: 18, isBold: true },
    { text: "SANDBOX - no money moves and nothing is owed" },
    { text: "" },
    { text: `For: ${invoice.customer_name ?? invoice.customer_email ?? idOf(invoice.customer)}` },
    { text: `Issued: ${day(invoice.status_transitions.finalized_at ?? invoice.created)}` },
    ...(invoice.due_date ? [{ text: `Due: ${day(invoice.due_date)}` }] : []),
    { text: `Status: ${plain(invoice.status ?? "draft")}` },
    { text: "" },
    ...linesOf(world, invoice.id).flatMap((line): PdfLine[] => [
      { text: cut(line.description ?? "Item"), right: sum(line.amount) },
      { text: `  ${day(line.period.start)} to ${day(line.period.end)}`, size: 8 },
    ]),
    { text: "" },
    { text: "Subtotal", right: sum(invoice.subtotal) },
    ...(off > 0 ? [{ text: "Discount", right: sum(-off) }] : []),
    ...(added === 0 ? [] : [{ text: "Tax", right: sum(added) }]),
    { text: "Total", right: sum(invoice.total), isBold: true },
    ...(included === 0 ? [] : [{ text: "Includes tax of", right: sum(included) }]),
    { text: "Paid", right: sum(invoice.amount_paid) },
    { text: "To be paid", right: sum(invoice.amount_remaining), isBold: true },
  ];
  return pdfOf(lines);
}

function cut(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX - 3)}...` : text;
}
