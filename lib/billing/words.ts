import type { HeldCreditNote } from "#db/schema/billing.ts";
import type { Change } from "#db/schema/inbox.ts";
import { formatMoney } from "../money.ts";

type Value = string | number | boolean | Date | null | undefined | object;
type Fields = Record<string, Value>;

/** Columns that a reader of the log cares about, in the words of the trade. Others are not told. */
const LABELS: Record<string, string> = {
  status: "status",
  state: "state",
  planId: "plan",
  quantity: "quantity",
  periodEnd: "period end",
  trialEnd: "trial end",
  cancelAt: "cancels at",
  endedAt: "ended at",
  organizationId: "organization",
  totalMinor: "total",
  amountPaidMinor: "paid",
  amountRemainingMinor: "remaining",
  attemptCount: "payment attempts",
  nextAttemptAt: "next attempt",
  number: "number",
  amountMinor: "amount",
  refundedMinor: "refunded",
  isDisputed: "disputed",
  failureMessage: "failure",
  isPaid: "paid",
  paymentFailed: "payment failed",
  evidenceDueAt: "evidence due",
  priceRef: "price",
  subscriptionRef: "subscription",
  isProvisional: "provisional",
  planned: "planned change",
  unpaidChange: "unpaid change",
  creditNotes: "credit notes",
};

/**
 * The fields in which a row differs from the one held, as before and after in words. `names` turns our
 * ids (of plans, organizations) into what people call them.
 */
export function changesBetween(
  record: string,
  held: Fields | undefined,
  row: Fields,
  names: ReadonlyMap<string, string>,
): Change[] {
  const currency = typeof row.currency === "string" ? row.currency : undefined;
  const changes: Change[] = [];
  for (const [column, label] of Object.entries(LABELS)) {
    if (!(column in row)) continue;
    const before = held ? inWords(held[column], column, currency, names) : null;
    const after = inWords(row[column], column, currency, names);
    if (before !== after) changes.push({ record, field: label, before, after });
  }
  return changes;
}

/** Whether saving the row would change anything at all, told or not. */
export function differs(held: Fields | undefined, row: Fields): boolean {
  if (!held) return true;
  return Object.keys(row).some((column) => canonical(held[column]) !== canonical(row[column]));
}

function canonical(value: Value): string {
  return JSON.stringify(sorted(value ?? null));
}

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

function inWords(
  value: Value,
  column: string,
  currency: string | undefined,
  names: ReadonlyMap<string, string>,
): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString().replace(".000Z", "Z");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") {
    const isMoney = column.endsWith("Minor") && currency && /^[A-Z]{3}$/.test(currency);
    return isMoney ? formatMoney({ amountMinor: value, currency }) : String(value);
  }
  if (typeof value === "string") {
    return names.get(value) ?? (column === "status" ? value.replaceAll("_", " ") : value);
  }
  if (column === "creditNotes" && Array.isArray(value)) return notesInWords(value, currency);
  return changeInWords(value) ?? JSON.stringify(sorted(value));
}

/** "F-0001-CN-01 €5.00, F-0001-CN-02 €1.00 (void)". */
function notesInWords(notes: readonly HeldCreditNote[], currency = "XXX"): string | null {
  const each = notes.map(({ number, ref, status, amountMinor }) => {
    const amount = formatMoney({ amountMinor, currency });
    return `${number ?? ref} ${amount}${status === "void" ? " (void)" : ""}`;
  });
  return each.join(", ") || null;
}

/** "price_pro × 2, 2026-12-03T09:00:00.000Z": what a subscription is to become, and when or until when. */
function changeInWords(value: object): string | undefined {
  if (!("items" in value) || !Array.isArray(value.items)) return undefined;
  const when = "at" in value ? value.at : "until" in value ? value.until : undefined;
  const items = value.items.map(({ priceRef, quantity }) => `${priceRef} × ${quantity}`);
  return [...items, ...(typeof when === "string" ? [when] : [])].join(", ");
}
