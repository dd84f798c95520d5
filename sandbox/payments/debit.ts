import type Stripe from "stripe";
import type { DueSource } from "../clock/due.ts";
import { clockOf, emit } from "../events/emit.ts";
import { invalid } from "../protocol/errors.ts";
import { settleIntent } from "../settle.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { bookCharge } from "./balance.ts";
import type { CardBehaviour } from "./card.ts";
import { fingerprintOf } from "./card-check.ts";
import { type Decline, declineOnCharge, docOf } from "./decline.ts";
import { type BillingGiven, billingOf, cardBehind } from "./methods.ts";

/** How long a bank takes in Stripe's test mode *(memory)*: three minutes for some accounts. */
const BANK_SECONDS = 1;
const SLOW_BANK_SECONDS = 180;

/** Test accounts whose bank is slow *(memory)*; all others answer at once. */
const SLOW: ReadonlySet<string> = new Set(["AT321904300235473204", "AT591904300235473203"]);
/** Test accounts whose bank refuses *(memory; the last one, as Stripe's CLI has it)*; all others pay. */
const REFUSING: ReadonlySet<string> = new Set([
  "AT861904300235473202",
  "AT591904300235473203",
  "IT60X0542811101000000123456",
]);

/** Makes a payment method of a bank account. The mandate to use it again is taken as given. */
export function debitFrom(
  world: World,
  given: { iban: string; billing?: BillingGiven | undefined; metadata: Record<string, string> },
): Stripe.PaymentMethod {
  const iban = given.iban.replaceAll(" ", "").toUpperCase();
  if (!isIban(iban)) {
    throw invalid("The IBAN you provided is invalid.", {
      code: "invalid_bank_account_iban",
      param: "sepa_debit[iban]",
    });
  }
  const behaviour: CardBehaviour = REFUSING.has(iban) ? "debits_fail_later" : "debits_later";
  const method = world.put("payment_method", {
    id: world.newId("pm"),
    object: "payment_method",
    allow_redisplay: "unspecified",
    billing_details: billingOf(given.billing),
    created: world.now(null),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: given.metadata,
    sepa_debit: {
      bank_code: iban.slice(4, 9),
      branch_code: "",
      country: iban.slice(0, 2),
      fingerprint: fingerprintOf(digitsOf(iban)),
      generated_from: { charge: null, setup_attempt: null },
      last4: iban.slice(-4),
    },
    type: "sepa_debit",
  });
  world.put("card", {
    id: method.id,
    number: iban,
    behaviour,
    authenticatedForOffSession: false,
    nextCharge: null,
  });
  return method;
}

/** By the check digits that all accounts have (ISO 13616). */
function isIban(iban: string): boolean {
  return /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban) && BigInt(digitsOf(iban)) % 97n === 1n;
}

function digitsOf(iban: string): string {
  const turned = iban.slice(4) + iban.slice(0, 4);
  return [...turned].map((letter) => Number.parseInt(letter, 36)).join("");
}

/** What banks answer to debits, a while after they were asked. */
export const debitDue: DueSource = (world, clock) => {
  let first: ReturnType<DueSource>;
  for (const charge of world.all("charge")) {
    if (charge.status !== "pending" || clockOf(world, charge) !== clock) continue;
    const at = charge.created + bankSeconds(world, charge);
    if (!first || at < first.at) first = { at, run: () => answer(world, charge) };
  }
  return first;
};

function bankSeconds(world: World, charge: Stripe.Charge): number {
  const { number } = cardBehind(world, charge.payment_method ?? "");
  return SLOW.has(number) ? SLOW_BANK_SECONDS : BANK_SECONDS;
}

function answer(world: World, charge: Stripe.Charge): void {
  const intent = world.get("payment_intent", idOf(charge.payment_intent) ?? "");
  if (!intent) throw new Error(`a charge without its intent: ${charge.id}`);
  const why = declineOnCharge(cardBehind(world, charge.payment_method ?? ""));
  const after = why ? fail(world, intent, charge, why) : pay(world, intent, charge);
  settleIntent(world, after);
}

function pay(world: World, intent: Stripe.PaymentIntent, charge: Stripe.Charge) {
  const now = world.now(clockOf(world, charge));
  const paidCharge = world.put("charge", {
    ...charge,
    amount_captured: charge.amount,
    balance_transaction: bookCharge(world, charge, charge.amount, now).id,
    paid: true,
    status: "succeeded",
  });
  const paid = world.put("payment_intent", {
    ...intent,
    amount_received: intent.amount,
    status: "succeeded",
  });
  emit(world, "charge.succeeded", paidCharge);
  emit(world, "payment_intent.succeeded", paid);
  return paid;
}

function fail(
  world: World,
  intent: Stripe.PaymentIntent,
  charge: Stripe.Charge,
  { code, message }: Decline,
) {
  const failedCharge = world.put("charge", {
    ...charge,
    captured: false,
    failure_code: "insufficient_funds",
    failure_message: message,
    status: "failed",
  });
  const method = world.get("payment_method", charge.payment_method ?? "");
  const failed = world.put("payment_intent", {
    ...intent,
    last_payment_error: {
      charge: charge.id,
      code,
      doc_url: docOf(code),
      message,
      ...(method ? { payment_method: method } : {}),
      type: "invalid_request_error",
    },
    payment_method: null,
    status: "requires_payment_method",
  });
  emit(world, "charge.failed", failedCharge);
  emit(world, "payment_intent.payment_failed", failed);
  return failed;
}
