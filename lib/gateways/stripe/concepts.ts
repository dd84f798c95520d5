import type { Claim, ClaimSource, ObjectRef, ObjectType } from "../gateway.ts";
import { at, isName, type Json, listAt, objectAt, refAt, textAt } from "./json.ts";

/**
 * What Stripe has moved about over the years, one reader for each idea: bodies of any API version
 * since 2017 give the same answers. Fields that never moved are read where they are needed.
 */

/** A Stripe object as somebody told it, and when. */
export type Told = {
  readonly object: Json;
  /** By Stripe's clock for a payload, by ours after a fetch. */
  readonly at: Date;
  /** The event that told it; undefined after a fetch. Says what a body without a status leaves out. */
  readonly event: string | undefined;
};

/** Upper case; `XXX`, which is ISO 4217 for "no currency", where Stripe names none. */
export function currencyOf(...candidates: readonly unknown[]): string {
  return optionalCurrency(...candidates) ?? "XXX";
}

export function optionalCurrency(...candidates: readonly unknown[]): string | null {
  const found = candidates.find((each) => typeof each === "string" && /^[a-z]{3}$/i.test(each));
  return typeof found === "string" ? found.toUpperCase() : null;
}

/** A subscription item, an invoice line or a checkout line names its price in four ways. */
export function priceOf(item: unknown): string | null {
  return (
    refAt(item, "pricing", "price_details", "price") ?? refAt(item, "price") ?? refAt(item, "plan")
  );
}

/** Top level until basil (2025-03-31), then under `parent`; some versions only say it on the lines. */
export function subscriptionOfInvoice(invoice: Json): string | null {
  return (
    refAt(invoice, "subscription") ??
    refAt(invoice, "parent", "subscription_details", "subscription") ??
    listAt(invoice, "lines").map(subscriptionOfLine).find(isName) ??
    null
  );
}

function subscriptionOfLine(line: Json): string | null {
  const told = refAt(line, "subscription") ?? refAt(lineParent(line), "subscription");
  if (told) return told;
  // Until 2018 a subscription's line had the subscription's id for its own.
  return line.type === "subscription" && textAt(line, "id")?.startsWith("sub_")
    ? refAt(line, "id")
    : null;
}

/** The half of a line's `parent` that its type names. */
export function lineParent(line: Json): Json | undefined {
  const type = textAt(line, "parent", "type");
  return type ? objectAt(line, "parent", type) : undefined;
}

/** Payment intents, or charges where there are none, that an invoice names. */
export function paymentsOfInvoice(invoice: Json): readonly string[] {
  const listed = listAt(invoice, "payments").map(
    (each) => refAt(each, "payment", "payment_intent") ?? refAt(each, "payment", "charge"),
  );
  const single = refAt(invoice, "payment_intent") ?? refAt(invoice, "charge");
  return [...new Set([single, ...listed].filter(isName))];
}

/** Whose an object says it is, in the metadata that a merchant wrote. */
export function claimIn(
  metadata: unknown,
  source: ClaimSource,
  reference?: string | null,
): Claim | undefined {
  const organization =
    reference ?? CLAIM_KEYS.map((key) => textAt(metadata, key)).find((each) => each !== null);
  return isName(organization) ? { organization, source } : undefined;
}

/** The code of our plan, in the metadata that a merchant wrote. */
export function planCodeIn(metadata: unknown): string | null {
  const code = PLAN_KEYS.map((key) => textAt(metadata, key)).find((each) => each !== null);
  return isName(code) ? code : null;
}

/** The code of our one-time product, in the metadata that Billhook wrote. */
export function productCodeIn(metadata: unknown): string | null {
  const code = textAt(metadata, PRODUCT_KEY);
  return isName(code) ? code : null;
}

/** A means of payment as people say it: "visa •••• 4242", "sepa_debit •••• 3000", "paypal". */
export function methodWords(...candidates: readonly unknown[]): string | null {
  for (const method of candidates) {
    const type = textAt(method, "type");
    const details =
      (type ? objectAt(method, type) : undefined) ?? objectAt(method, "card") ?? method;
    const name = textAt(details, "brand") ?? textAt(details, "bank_name") ?? type;
    const last4 = textAt(details, "last4");
    if (name)
      return (last4 ? `${name.toLowerCase()} •••• ${last4}` : name.toLowerCase()).slice(0, 80);
  }
  return null;
}

/** References worth a sync of their own, each once. */
export function links(...named: readonly (readonly [ObjectType, string | null])[]): ObjectRef[] {
  const found = new Map<string, ObjectRef>();
  for (const [type, ref] of named) if (ref) found.set(`${type}:${ref}`, { type, ref });
  return [...found.values()];
}

/** The words of one enum in ours; undefined for a word that Stripe invented since. */
export function translate<T extends string>(
  words: Readonly<Record<string, T>>,
  value: unknown,
): T | undefined {
  return typeof value === "string" && Object.hasOwn(words, value) ? words[value] : undefined;
}

/** Whether a member is a plain true; anything else is not. */
export function isTrue(value: unknown, ...path: readonly string[]): boolean {
  return at(value, ...path) === true;
}

/** The keys under which Billhook itself writes a plan's code, and a one-time product's. */
export const PLAN_KEY = "billhook_plan";
export const PRODUCT_KEY = "billhook_product";

const PLAN_KEYS = [PLAN_KEY, "plan_code", "plan", "planCode"] as const;
/** It becomes a link on a page, so it must be one that a browser may follow. */
export function webAddressAt(object: Json, name: string): string | null {
  const address = textAt(object, name);
  return address?.startsWith("https://") || address?.startsWith("http://") ? address : null;
}

const CLAIM_KEYS = ["organization_id", "organizationId", "org_id", "organization", "org"] as const;
