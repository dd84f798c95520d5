import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { invalid, missing, notModelled } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";
import type { Card } from "./card.ts";
import { cardOf, checksOf, fingerprintOf } from "./card-check.ts";
import { cardError, declineOnSaving } from "./decline.ts";
import { cardByName, type TestCard } from "./test-cards.ts";

/** How a new card is named: by its number or by one of Stripe's test names (`tok_visa`, `pm_card_visa`). */
export type CardGiven = {
  readonly number?: string | undefined;
  readonly token?: string | undefined;
  readonly expMonth?: number | undefined;
  readonly expYear?: number | undefined;
  readonly cvc?: string | undefined;
  readonly billing?: BillingGiven | undefined;
  readonly metadata?: Record<string, string> | undefined;
  readonly allowRedisplay?: Stripe.PaymentMethod.AllowRedisplay | undefined;
};

export type BillingGiven = {
  readonly address?:
    | { readonly [M in keyof Stripe.Address]?: string | null | undefined }
    | null
    | undefined;
  readonly email?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly tax_id?: string | null | undefined;
};

/** Makes a payment method of a card; a fresh one each time a test name is used. */
export function methodFrom(world: World, given: CardGiven): Stripe.PaymentMethod {
  const now = world.now(null);
  const nextYear = new Date(now * 1_000);
  const { number, token, cvc = token === undefined ? undefined : "123" } = given;
  const expMonth = given.expMonth ?? nextYear.getUTCMonth() + 1;
  const expYear = given.expYear ?? nextYear.getUTCFullYear() + 1;
  const card =
    token === undefined
      ? cardOf({ number: number ?? "", expMonth, expYear, cvc }, now, "card")
      : cardOfToken(token);
  const billing = billingOf(given.billing);
  const method = world.put("payment_method", {
    id: world.newId("pm"),
    object: "payment_method",
    allow_redisplay: given.allowRedisplay ?? "unspecified",
    billing_details: billing,
    card: cardMember(card, expMonth, expYear, checksOf(cvc, billing.address)),
    created: now,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: { ...given.metadata },
    type: "card",
  });
  world.put("card", {
    id: method.id,
    number: card.number,
    behaviour: card.behaviour,
    authenticatedForOffSession: false,
    nextCharge: null,
  });
  return method;
}

function cardOfToken(token: string): TestCard {
  const card = cardByName(token);
  if (card) return card;
  throw token.startsWith("pm_")
    ? missing("PaymentMethod", token, "payment_method")
    : missing("token", token, "card[token]");
}

function cardMember(
  { number, brand, funding, country }: TestCard,
  exp_month: number,
  exp_year: number,
  checks: Stripe.PaymentMethod.Card.Checks,
): Stripe.PaymentMethod.Card {
  return {
    brand,
    checks,
    country,
    display_brand: brand === "amex" ? "american_express" : brand,
    exp_month,
    exp_year,
    fingerprint: fingerprintOf(number),
    funding,
    generated_from: null,
    last4: number.slice(-4),
    networks: { available: [brand], preferred: null },
    regulated_status: "unregulated",
    three_d_secure_usage: { supported: true },
    wallet: null,
  };
}

/** Billing details with all their members, of those given and of those that were there. */
export function billingOf(
  given: BillingGiven = {},
  before?: Stripe.PaymentMethod.BillingDetails,
): Stripe.PaymentMethod.BillingDetails {
  const { address = before?.address, email, name, phone, tax_id } = given;
  return {
    address: {
      city: address?.city ?? null,
      country: address?.country ?? null,
      line1: address?.line1 ?? null,
      line2: address?.line2 ?? null,
      postal_code: address?.postal_code ?? null,
      state: address?.state ?? null,
    },
    email: email === undefined ? (before?.email ?? null) : email,
    name: name === undefined ? (before?.name ?? null) : name,
    phone: phone === undefined ? (before?.phone ?? null) : phone,
    tax_id: tax_id === undefined ? (before?.tax_id ?? null) : tax_id,
  };
}

/** The payment method of an id, or a fresh one for a test name such as `pm_card_visa`. */
export function methodNamed(
  world: World,
  idOrTestName: string,
  param = "payment_method",
): Stripe.PaymentMethod {
  const known = world.get("payment_method", idOrTestName);
  if (known) return known;
  if (!cardByName(idOrTestName)) throw missing("PaymentMethod", idOrTestName, param);
  return methodFrom(world, { token: idOrTestName });
}

/** A customer's own card by its id, or by the test name that it was made of, the latest of them. */
export function savedMethod(
  world: World,
  customer: string,
  idOrTestName: string,
): Stripe.PaymentMethod | undefined {
  const number = cardByName(idOrTestName)?.number;
  return world
    .of("payment_method", "customer", customer)
    .findLast(({ id }) => id === idOrTestName || world.get("card", id)?.number === number);
}

/** What Stripe knows of a payment method's card. */
export function cardBehind(world: World, method: string): Card {
  const card = world.get("card", method);
  if (!card) throw new Error(`a payment method without its card: ${method}`);
  return card;
}

/** Saves a card with a customer. Takes an id or a test name; throws 402 for a card that declines. */
export function attachMethod(
  world: World,
  idOrTestName: string,
  customer: string,
): Stripe.PaymentMethod {
  const method = methodNamed(world, idOrTestName);
  if (!world.get("customer", customer)) throw missing("customer", customer, "customer");
  if (method.customer === customer) return method;
  checkUsable(world, method);
  if (method.customer !== null) {
    throw invalid("The payment method you provided has already been attached to a customer.");
  }
  const decline = declineOnSaving(cardBehind(world, method.id));
  if (decline) throw cardError(decline, { payment_method: method }, { keepsChanges: false });
  return saveFor(world, method, customer);
}

/** Refuses bank accounts for what is charged by itself: invoices take cards only. */
export function checkDefault({ type }: Stripe.PaymentMethod, param: string): void {
  if (type !== "card") throw notModelled("bank accounts as default payment methods", param);
}

/** Gives a checked card to its customer. */
export function saveFor(
  world: World,
  method: Stripe.PaymentMethod,
  customer: string,
): Stripe.PaymentMethod {
  if (method.customer === customer) return method;
  const saved = world.put("payment_method", { ...method, customer });
  emit(world, "payment_method.attached", saved);
  return saved;
}

/** Takes a card from its customer, who then pays with it no more. */
export function detachMethod(world: World, id: string): Stripe.PaymentMethod {
  const method = world.get("payment_method", id);
  if (!method) throw missing("PaymentMethod", id);
  if (method.customer === null) {
    throw invalid(
      "The payment method you provided is not attached to a customer so detachment is impossible.",
    );
  }
  const clock = clockOf(world, method);
  const detached = world.put("payment_method", { ...method, customer: null });
  world.put("card", { ...cardBehind(world, id), isSpent: true });
  forgetDefaults(world, id);
  emit(world, "payment_method.detached", detached, { before: method, clock });
  return detached;
}

/** What would have been charged with the card is charged with it no more. */
function forgetDefaults(world: World, id: string): void {
  for (const customer of world.all("customer")) {
    if (customer.invoice_settings.default_payment_method !== id) continue;
    const invoice_settings = { ...customer.invoice_settings, default_payment_method: null };
    const after = world.put("customer", { ...customer, invoice_settings });
    emit(world, "customer.updated", after, { before: customer });
  }
  for (const subscription of world.all("subscription")) {
    if (subscription.default_payment_method !== id) continue;
    const after = world.put("subscription", { ...subscription, default_payment_method: null });
    emit(world, "customer.subscription.updated", after, { before: subscription });
  }
}

/** Refuses what was used without a customer, or detached from one. */
export function checkUsable(world: World, method: Stripe.PaymentMethod): void {
  if (!cardBehind(world, method.id).isSpent) return;
  throw invalid(
    "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.",
    { param: "payment_method" },
  );
}

/** A saved card pays for its own customer only. */
export function checkOwner(
  method: Stripe.PaymentMethod,
  customer: Stripe.PaymentMethod["customer"] | Stripe.DeletedCustomer,
): void {
  if (method.customer === null || method.customer === customer) return;
  if (customer === null) {
    throw invalid(
      "The PaymentMethod you provided is attached to a customer so for security purposes you must provide the customer in the request.",
      { param: "customer" },
    );
  }
  throw invalid(
    `The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`,
    { code: "resource_missing", param: "payment_method" },
  );
}

/** Who is to be charged: the invoice's own card, else the subscription's, else the customer's default. */
export function paymentMethodFor(
  world: World,
  payer: {
    readonly invoice?: Pick<Stripe.Invoice, "default_payment_method"> | undefined;
    readonly subscription?: string | null | undefined;
    readonly customer: string;
  },
): Stripe.PaymentMethod | undefined {
  const { invoice, subscription, customer } = payer;
  const own = subscription ? world.get("subscription", subscription) : undefined;
  const owner = world.get("customer", customer);
  const candidates = [
    invoice?.default_payment_method,
    own?.default_payment_method,
    owner?.invoice_settings.default_payment_method,
    owner?.default_source,
  ];
  for (const id of candidates) {
    const method = typeof id === "string" ? world.get("payment_method", id) : undefined;
    if (method) return method;
  }
  return undefined;
}
