import type Stripe from "stripe";
import { invalid, notModelled } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { decimal } from "../state/decimal.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { type Applied, sum } from "./discount-shares.ts";
import { ratesOf } from "./lines.ts";
import { ratesNamed } from "./tax-rates.ts";
import { type Exemption, taxesOn } from "./taxes.ts";

export type CreditLine = {
  readonly type: "custom_line_item" | "invoice_line_item";
  readonly amount?: number | undefined;
  readonly description?: string | undefined;
  readonly invoice_line_item?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly quantity?: number | undefined;
  /** Of an amount of its own; a part of an invoice's line is taxed as that was. */
  readonly tax_rates?: readonly string[] | null | undefined;
  readonly unit_amount?: number | undefined;
};

/** The lines of a credit note: parts of the invoice's lines with their discounts, or amounts of its own. */
export function creditLines(
  world: World,
  invoice: Stripe.Invoice,
  given: readonly CreditLine[],
): Stripe.CreditNoteLineItem[] {
  return given.map((line, place) =>
    line.type === "invoice_line_item"
      ? partOf(world, invoice, line, place)
      : custom(world, invoice, line, place),
  );
}

function custom(
  world: World,
  invoice: Stripe.Invoice,
  line: CreditLine,
  place: number,
): Stripe.CreditNoteLineItem {
  const { quantity = 1, unit_amount: each } = line;
  if (each === undefined) throw lacking(place, "unit_amount");
  const rates = ratesNamed(world, line.tax_rates, `lines[${place}][tax_rates]`);
  const exempt = invoice.customer_tax_exempt;
  return newLine(world, {
    ...line,
    amount: each * quantity,
    quantity,
    each,
    taken: [],
    rates,
    exempt,
  });
}

function partOf(
  world: World,
  invoice: Stripe.Invoice,
  line: CreditLine,
  place: number,
): Stripe.CreditNoteLineItem {
  if (line.invoice_line_item === undefined) throw lacking(place, "invoice_line_item");
  const found = invoice.lines.data.find(({ id }) => id === line.invoice_line_item);
  const param = `lines[${place}][invoice_line_item]`;
  if (!found) {
    throw invalid(`The line item ${line.invoice_line_item} is not on this invoice.`, { param });
  }
  const amount = line.amount ?? partBy(found.amount, line.quantity ?? 1, found.quantity ?? 1);
  if (line.amount === undefined && line.quantity === undefined) throw lacking(place, "amount");
  if (amount > found.amount) {
    throw invalid("The amount is more than the line item's.", { param: `lines[${place}][amount]` });
  }
  const taken = (found.discount_amounts ?? []).map((share) => ({
    amount: partBy(share.amount, amount, found.amount),
    discount: idOf(share.discount),
  }));
  const quantity = line.quantity ?? null;
  const each = quantity ? Math.round(amount / quantity) : null;
  if (line.tax_rates !== undefined) {
    throw notModelled("other taxes on a part of an invoice's line", `lines[${place}][tax_rates]`);
  }
  const rates = ratesOf(world, found);
  const exempt = invoice.customer_tax_exempt;
  const { description } = found;
  return {
    ...newLine(world, { description, ...line, amount, quantity, each, taken, rates, exempt }),
    invoice_line_item: found.id,
  };
}

/** `amount × part / whole`, half a minor unit rounded away from zero. */
function partBy(amount: number, part: number, whole: number): number {
  if (whole === 0) return 0;
  const twice = BigInt(amount) * BigInt(part) * 2n + BigInt(whole);
  return Number(twice / (2n * BigInt(whole)));
}

function newLine(
  world: World,
  line: Pick<CreditLine, "metadata" | "type"> & {
    description?: string | null | undefined;
    amount: number;
    quantity: number | null;
    each: number | null;
    taken: readonly Applied[];
    rates: readonly Stripe.TaxRate[];
    exempt: Exemption;
  },
): Stripe.CreditNoteLineItem {
  const off = sum(line.taken.map(({ amount }) => amount));
  return {
    id: world.newId("cnli"),
    object: "credit_note_line_item",
    amount: line.amount,
    description: line.description ?? null,
    discount_amount: off,
    discount_amounts: [...line.taken],
    livemode: false,
    metadata: { ...line.metadata },
    pretax_credit_amounts: line.taken.map((share) => ({ ...share, type: "discount" as const })),
    quantity: line.quantity,
    tax_rates: [...line.rates],
    taxes: taxesOn(line.amount - off, line.rates, line.exempt),
    type: line.type,
    unit_amount: line.each,
    unit_amount_decimal: line.each === null ? null : decimal(line.each),
  };
}

function lacking(place: number, name: string) {
  const param = `lines[${place}][${name}]`;
  return invalid(`Missing required param: ${param}.`, { code: "parameter_missing", param });
}

/** Refunds that were made before and are now explained by a credit note. */
export function linkedRefunds(
  world: World,
  given: readonly { refund?: string | undefined; amount_refunded?: number | undefined }[],
): Stripe.CreditNote.Refund[] {
  return given.map(({ refund: id = "", amount_refunded: amount }, place) => {
    const refund = mustFind(world, "refund", id, { param: `refunds[${place}][refund]` });
    return {
      amount_refunded: amount ?? refund.amount,
      payment_record_refund: null,
      refund: refund.id,
      type: "refund" as const,
    };
  });
}
