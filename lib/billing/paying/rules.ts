import type { TaxId } from "../../gateways/gateway.ts";
import type { InvoiceRow, SubscriptionRow } from "../state.ts";

/** Which method pays for a subscription: its own, else its customer's. */
export function payingMethodRef(
  subscription: Pick<SubscriptionRow, "methodRef">,
  customer: { readonly defaultMethodRef: string | null },
): string | null {
  return subscription.methodRef ?? customer.defaultMethodRef;
}

export type Removal = {
  readonly method: { readonly ref: string };
  readonly others: number;
  readonly defaultMethodRef: string | null;
  /** Of the customer, those that are not over. */
  readonly live: readonly Pick<SubscriptionRow, "methodRef">[];
};

/** What stands in the way of removing a means of payment, with the way out. */
export function removalBlocker({ method, others, defaultMethodRef, live }: Removal) {
  if (live.length === 0) return undefined;
  if (others === 0) {
    return "It is the only way to pay for your subscription. Add another one first.";
  }
  const pays = live.some((each) => payingMethodRef(each, { defaultMethodRef }) === method.ref);
  return pays || defaultMethodRef === method.ref
    ? "It pays for your subscription. Make another one the default first."
    : undefined;
}

/**
 * Which means of payment to try next for what is owed, of those in the order in which they were added: the
 * one that pays, unless just that one has failed; then the one that was added last.
 */
export function methodToTry<Method extends { readonly ref: string }>(
  methods: readonly Method[],
  pays: string | null,
  /** Of the live subscription. Without one, what is owed was to be paid by the one that pays. */
  status: SubscriptionRow["status"] | undefined,
): Method | undefined {
  const paying = methods.find(({ ref }) => ref === pays);
  const other = methods.findLast(({ ref }) => ref !== pays);
  const hasFailed = status === undefined || status === "past_due" || status === "unpaid";
  return hasFailed ? (other ?? paying) : (paying ?? other);
}

/** What stands in the way of paying an invoice here. */
export function payBlocker(
  invoice: Pick<InvoiceRow, "status" | "amountRemainingMinor">,
): string | undefined {
  const { status, amountRemainingMinor } = invoice;
  if (status === "paid") return "This invoice is paid.";
  if (status === "void") return "This invoice was voided: nothing is to be paid.";
  if (status === "draft") return "This invoice is not issued yet.";
  if (status === "uncollectible") return "This invoice is written off. Write to us to pay it.";
  return amountRemainingMinor > 0 ? undefined : "Nothing of this invoice is left to pay.";
}

/** Kinds of tax ids that people may choose from, by the gateways' names. Others are kept as they are. */
export const TAX_ID_KINDS: Readonly<Record<string, string>> = {
  eu_vat: "EU VAT number",
  gb_vat: "UK VAT number",
  ch_vat: "Swiss VAT number",
  no_vat: "Norwegian VAT number",
  us_ein: "US EIN",
  ca_bn: "Canadian BN",
  ca_gst_hst: "Canadian GST/HST number",
  au_abn: "Australian ABN",
  nz_gst: "New Zealand GST number",
  in_gst: "Indian GST number",
  jp_trn: "Japanese registration number",
  sg_gst: "Singaporean GST number",
  br_cnpj: "Brazilian CNPJ",
  mx_rfc: "Mexican RFC",
  za_vat: "South African VAT number",
};

/** A kind in words; one that is not in the list is told as the gateway names it. */
export function taxIdKindInWords(kind: string): string {
  return Object.hasOwn(TAX_ID_KINDS, kind)
    ? (TAX_ID_KINDS[kind] ?? kind)
    : kind.replaceAll("_", " ").toUpperCase();
}

/** What a form calls one of several tax ids. */
export function nameOfTaxId({ type, value }: TaxId): string {
  return `${type}:${value}`;
}

/** As many tax ids as anybody is likely to have. */
export const TAX_IDS_MAX = 20;

/**
 * What becomes of the tax ids that are held, where some are removed by their names and one is added. One that
 * is removed and added at once stays.
 */
export function taxIdsAfter(
  held: readonly TaxId[],
  removed: readonly string[],
  added: TaxId | null,
): { after: TaxId[]; removed: TaxId[]; added: TaxId[] } {
  const isAdded = (each: TaxId) => added !== null && nameOfTaxId(each) === nameOfTaxId(added);
  const isRemoved = (each: TaxId) => removed.includes(nameOfTaxId(each)) && !isAdded(each);
  const more = added && !held.some(isAdded) ? [added] : [];
  const kept = held.filter((each) => !isRemoved(each));
  return { after: [...kept, ...more], removed: held.filter(isRemoved), added: more };
}
