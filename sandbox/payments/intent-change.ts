import type Stripe from "stripe";
import { missing } from "../protocol/errors.ts";
import { mergeMetadata } from "../protocol/params.ts";
import type { World } from "../state/world.ts";
import { type IntentDraft, intentOf, unexpected } from "./intent.ts";
import { checkOwner, checkUsable, methodNamed } from "./methods.ts";

export type IntentChanges = {
  readonly [M in Exclude<keyof IntentDraft, "metadata" | "setupFutureUse" | "invoice">]?:
    | IntentDraft[M]
    | undefined;
} & {
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  readonly setupFutureUse?: IntentDraft["setupFutureUse"] | null;
};

/** Changes what an intent is for. One that ended takes notes only; Stripe has no event for any of it. */
export function changeIntent(
  world: World,
  id: string,
  changes: IntentChanges,
): Stripe.PaymentIntent {
  const before = intentOf(world, id);
  const after = {
    ...before,
    ...notesOf(before, changes),
    ...termsOf(before, changes),
    ...payerOf(world, before, changes),
  };
  return JSON.stringify(after) === JSON.stringify(before)
    ? before
    : world.put("payment_intent", after);
}

function notesOf(
  before: Stripe.PaymentIntent,
  { description, metadata, receiptEmail }: IntentChanges,
): Partial<Stripe.PaymentIntent> {
  return {
    metadata: mergeMetadata(before.metadata, metadata),
    ...(description === undefined ? {} : { description }),
    ...(receiptEmail === undefined ? {} : { receipt_email: receiptEmail }),
  };
}

function termsOf(
  before: Stripe.PaymentIntent,
  changes: IntentChanges,
): Partial<Stripe.PaymentIntent> {
  const { amount, currency, captureMethod, setupFutureUse, shipping, allowedTypes } = changes;
  const terms = {
    ...(amount === undefined ? {} : { amount }),
    ...(currency === undefined ? {} : { currency }),
    ...(captureMethod === undefined ? {} : { capture_method: captureMethod }),
    ...(setupFutureUse === undefined ? {} : { setup_future_usage: setupFutureUse }),
    ...(allowedTypes ? { allowed_payment_method_types: [...allowedTypes] } : {}),
  };
  if (Object.keys(terms).length > 0) checkOpen(before);
  return {
    ...terms,
    ...(allowedTypes
      ? { automatic_payment_methods: null, payment_method_types: [...allowedTypes] }
      : {}),
    ...(shipping === undefined ? {} : { shipping }),
    ...(changes.statementDescriptor === undefined
      ? {}
      : { statement_descriptor: changes.statementDescriptor }),
    ...(changes.statementDescriptorSuffix === undefined
      ? {}
      : { statement_descriptor_suffix: changes.statementDescriptorSuffix }),
  };
}

function payerOf(
  world: World,
  before: Stripe.PaymentIntent,
  { customer: given, paymentMethod }: IntentChanges,
): Partial<Stripe.PaymentIntent> {
  const customer = given === undefined ? before.customer : given;
  if (customer === before.customer && !paymentMethod) return {};
  checkOpen(before);
  if (typeof customer === "string" && !world.get("customer", customer)) {
    throw missing("customer", customer, "customer");
  }
  if (!paymentMethod) return { customer };
  const method = methodNamed(world, paymentMethod);
  checkUsable(world, method);
  checkOwner(method, customer);
  return {
    customer,
    next_action: null,
    payment_method: method.id,
    status: "requires_confirmation",
  };
}

function checkOpen({ status }: Stripe.PaymentIntent): void {
  if (status.startsWith("requires_") && status !== "requires_capture") return;
  throw unexpected(
    `This PaymentIntent's payment terms could not be updated because it has a status of ${status}. You may only update the payment terms of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action.`,
  );
}
