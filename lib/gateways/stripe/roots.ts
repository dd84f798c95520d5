import type { ObjectRef, ObjectType } from "../gateway.ts";
import { subscriptionOfInvoice } from "./concepts.ts";
import type { StripeEvent } from "./event.ts";
import { isName, type Json, refAt } from "./json.ts";

/** The object that an event rings, or the sentence that says why none. */
export type Finding =
  | { readonly root: ObjectRef; readonly because: undefined }
  | { readonly root: undefined; readonly because: string };

/** What kind of Stripe object an event carries: as it says itself, else as its type implies. */
export function kindOf(event: StripeEvent): string {
  if (isName(event.object.object)) return event.object.object;
  return KIND_BY_TYPE.find(([prefix]) => event.meaning.startsWith(prefix))?.[1] ?? "unknown";
}

/**
 * The one object that an event is about. A charge is a detail of its payment intent; only where there
 * is none, as before 2018, is the charge the payment itself.
 */
export function rootOf(event: StripeEvent): Finding {
  if (event.account) {
    return nothing(
      `It belongs to connected account ${event.account}, which Billhook does not mirror.`,
    );
  }
  if (event.isThin) {
    return nothing(
      "It is a thin event; Billhook reads snapshot events. Select those at the endpoint.",
    );
  }
  const kind = kindOf(event);
  const find = ROOT_BY_KIND.get(kind);
  if (!find) return nothing(`Billhook mirrors nothing that ${event.type} is about.`);
  const root = find(event.object, event);
  return root
    ? { root, because: undefined }
    : nothing(`This ${kind.replaceAll("_", " ")} names no object that Billhook mirrors.`);
}

type FindRoot = (object: Json, event: StripeEvent) => ObjectRef | undefined;

function nothing(because: string): Finding {
  return { root: undefined, because };
}

function named(type: ObjectType, ...refs: readonly (string | null)[]): ObjectRef | undefined {
  const ref = refs.find((each) => each !== null);
  return ref ? { type, ref } : undefined;
}

const itself =
  (type: ObjectType): FindRoot =>
  (object) =>
    named(type, refAt(object, "id"));

const byMember =
  (type: ObjectType, ...members: readonly string[]): FindRoot =>
  (object) =>
    named(type, ...members.map((member) => refAt(object, member)));

/** After a detach the customer is only among the previous attributes. */
const customerOf: FindRoot = (object, { previous }) =>
  named(
    "customer",
    refAt(object, "customer"),
    refAt(previous, "customer"),
    refAt(object, "owner", "customer"),
  );

/** `invoice.upcoming` has no id, or one that no request finds. */
const invoiceItself: FindRoot = (object, { meaning }) =>
  meaning === "invoice.upcoming" || refAt(object, "id") === null
    ? named("subscription", subscriptionOfInvoice(object))
    : named("invoice", refAt(object, "id"));

const payment = byMember("payment", "payment_intent", "charge");
const ofInvoice = byMember("invoice", "invoice");

const ROOT_BY_KIND: ReadonlyMap<string, FindRoot> = new Map<string, FindRoot>([
  ["customer", itself("customer")],
  ["subscription", itself("subscription")],
  ["invoice", invoiceItself],
  ["payment_intent", itself("payment")],
  ["charge", byMember("payment", "payment_intent", "id")],
  ["dispute", itself("dispute")],
  ["checkout.session", itself("checkout")],
  ["price", itself("price")],
  ["plan", itself("price")],
  ["product", itself("product")],

  ["refund", payment],
  ["review", payment],
  ["radar.early_fraud_warning", payment],
  ["subscription_schedule", byMember("subscription", "subscription", "released_subscription")],
  ["subscription_item", byMember("subscription", "subscription")],
  ["invoice_payment", ofInvoice],
  ["credit_note", ofInvoice],
  ["invoiceitem", ofInvoice],
  ["line_item", ofInvoice],

  ["payment_method", customerOf],
  ["setup_intent", customerOf],
  ["discount", customerOf],
  ["tax_id", customerOf],
  ["card", customerOf],
  ["bank_account", customerOf],
  ["source", customerOf],
  ["cash_balance", customerOf],
  ["customer_balance_transaction", customerOf],
  ["customer_cash_balance_transaction", customerOf],
  ["billing.credit_grant", customerOf],
  ["billing_portal.session", customerOf],
  ["entitlements.active_entitlement_summary", customerOf],
]);

/** Longer prefixes first. */
const KIND_BY_TYPE: readonly (readonly [string, string])[] = [
  ["charge.dispute.", "dispute"],
  ["charge.refund.", "refund"],
  ["charge.", "charge"],
  ["refund.", "refund"],
  ["checkout.session.", "checkout.session"],
  ["customer.subscription.", "subscription"],
  ["customer.discount.", "discount"],
  ["customer.source.", "source"],
  ["customer.card.", "card"],
  ["customer.bank_account.", "bank_account"],
  ["customer.tax_id.", "tax_id"],
  ["customer.", "customer"],
  ["subscription_schedule.", "subscription_schedule"],
  ["invoice_payment.", "invoice_payment"],
  ["invoiceitem.", "invoiceitem"],
  ["invoice.", "invoice"],
  ["credit_note.", "credit_note"],
  ["payment_intent.", "payment_intent"],
  ["payment_method.", "payment_method"],
  ["setup_intent.", "setup_intent"],
  ["price.", "price"],
  ["plan.", "plan"],
  ["product.", "product"],
  ["entitlements.active_entitlement_summary.", "entitlements.active_entitlement_summary"],
  ["radar.early_fraud_warning.", "radar.early_fraud_warning"],
  ["review.", "review"],
  ["billing_portal.session.", "billing_portal.session"],
];
