import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { invalid, missing, type StripeError } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";
import { methodNamed } from "./methods.ts";

export type IntentDraft = {
  readonly amount: number;
  readonly currency: string;
  readonly customer?: string | null | undefined;
  readonly paymentMethod?: string | null | undefined;
  readonly offSession?: boolean | undefined;
  readonly setupFutureUse?: "off_session" | "on_session" | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly description?: string | null | undefined;
  /** The invoice that it pays. */
  readonly invoice?: string | undefined;
  /** Whether the seller confirms again after the bank has asked. */
  readonly confirmationMethod?: "automatic" | "manual" | undefined;
  readonly captureMethod?: "automatic" | "automatic_async" | "manual" | undefined;
  readonly receiptEmail?: string | null | undefined;
  readonly shipping?: Stripe.PaymentIntent.Shipping | null | undefined;
  readonly statementDescriptor?: string | undefined;
  readonly statementDescriptorSuffix?: string | undefined;
  /** Null or left out: whatever the account takes, which here is cards. */
  readonly allowedTypes?: readonly string[] | undefined;
  readonly allowRedirects?: "always" | "never" | undefined;
};

/** What an intent has not yet, or never here: marketplaces and reviews are not modelled. */
const NOTHING_YET = {
  application: null,
  application_fee_amount: null,
  canceled_at: null,
  cancellation_reason: null,
  customer_account: null,
  excluded_payment_method_types: null,
  last_payment_error: null,
  latest_charge: null,
  managed_payments: null,
  next_action: null,
  on_behalf_of: null,
  payment_method_configuration_details: null,
  payment_record: null,
  processing: null,
  review: null,
  source: null,
  transfer_data: null,
  transfer_group: null,
} satisfies Partial<Stripe.PaymentIntent>;

/** Makes an intent to be paid, with the payment method if it is known; nothing is charged yet. */
export function createIntent(world: World, draft: IntentDraft): Stripe.PaymentIntent {
  const { customer = null, paymentMethod, allowedTypes } = draft;
  if (customer !== null && !world.get("customer", customer)) {
    throw missing("customer", customer, "customer");
  }
  const method = paymentMethod ? methodNamed(world, paymentMethod) : undefined;
  const id = world.newId("pi");
  const intent = world.put("payment_intent", {
    id,
    object: "payment_intent",
    ...NOTHING_YET,
    allowed_payment_method_types: allowedTypes ? [...allowedTypes] : null,
    amount: draft.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    automatic_payment_methods: allowedTypes
      ? null
      : { allow_redirects: draft.allowRedirects ?? "always", enabled: true },
    capture_method: draft.captureMethod ?? "automatic_async",
    client_secret: `${id}_${world.newId("secret", 25)}`,
    confirmation_method: draft.confirmationMethod ?? "automatic",
    created: world.now(clockOf(world, { customer })),
    currency: draft.currency,
    customer,
    description: draft.description ?? null,
    livemode: false,
    metadata: { ...draft.metadata },
    payment_details: { customer_reference: null, order_reference: draft.invoice ?? null },
    payment_method: method?.id ?? null,
    payment_method_options: {
      card: {
        installments: null,
        mandate_options: null,
        network: null,
        request_three_d_secure: "automatic",
      },
    },
    payment_method_types: allowedTypes ? [...allowedTypes] : ["card"],
    receipt_email: draft.receiptEmail ?? null,
    setup_future_usage: draft.setupFutureUse ?? null,
    shipping: draft.shipping ?? null,
    statement_descriptor: draft.statementDescriptor ?? null,
    statement_descriptor_suffix: draft.statementDescriptorSuffix ?? null,
    status: method ? "requires_confirmation" : "requires_payment_method",
  });
  emit(world, "payment_intent.created", intent);
  return intent;
}

/** The invoice that an intent pays, if it pays one. */
export function invoiceOf(intent: Stripe.PaymentIntent): string | undefined {
  const reference = intent.payment_details?.order_reference;
  return reference?.startsWith("in_") ? reference : undefined;
}

export function intentOf(world: World, id: string, param = "intent"): Stripe.PaymentIntent {
  const intent = world.get("payment_intent", id);
  if (!intent) throw missing("payment_intent", id, param);
  return intent;
}

/** The intent is not where the call takes it to be. */
export function unexpected(message: string): StripeError {
  return invalid(message, { code: "payment_intent_unexpected_state" });
}
