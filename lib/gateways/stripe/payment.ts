import type { PaymentSnapshot, PaymentStatus } from "../gateway.ts";
import { COMMAND_KEY } from "./ahead.ts";
import { currencyOf, isTrue, links, methodWords, type Told, translate } from "./concepts.ts";
import {
  dateAt,
  isJson,
  type Json,
  listAt,
  objectAt,
  refAt,
  textAt,
  unsignedAmountAt,
} from "./json.ts";
import { refundedSoFar } from "./refunds.ts";

/** Everything Stripe told about one payment: the intent, its attempts, what went back. */
export type PaymentParts = {
  readonly intent: Told | undefined;
  readonly charges: readonly Told[];
  readonly refunds: readonly Told[];
};

/** A payment in our words, from whichever of its parts are known; undefined when only refunds are. */
export function paymentSnapshot(ref: string, parts: PaymentParts): PaymentSnapshot | undefined {
  const charges = allCharges(parts);
  const main = mainCharge(charges);
  const leading = parts.intent ?? main;
  if (!leading) return undefined;
  const intent = parts.intent?.object;
  const customerRef = firstRef("customer", intent, main?.object);
  const invoiceRef = firstRef("invoice", intent, main?.object);
  const status = statusOf(parts.intent, main);
  return {
    kind: "payment",
    ref,
    asOf: newest([...charges, ...parts.refunds, leading]),
    links: links(["customer", customerRef], ["invoice", invoiceRef]),
    customerRef,
    invoiceRef,
    status,
    currency: currencyOf(intent?.currency, main?.object.currency),
    amountMinor: amountOf(status, intent, main?.object),
    refundedSoFarMinor: refundedSoFar(charges, parts.refunds),
    isDisputed: charges.some(
      ({ object }) => isTrue(object, "disputed") || refAt(object, "dispute"),
    ),
    ...failureOf(status, intent, main?.object),
    method: methodOf(intent, main?.object),
    startedAt: dateAt(leading.object, "created"),
    commandId:
      textAt(intent, "metadata", COMMAND_KEY) ?? textAt(main?.object, "metadata", COMMAND_KEY),
  };
}

/** Told separately, or embedded in the intent: under `charges` until 2022-11-15, then `latest_charge`. */
function allCharges({ intent, charges }: PaymentParts): Told[] {
  const known = new Map(charges.map((charge) => [refAt(charge.object, "id"), charge]));
  if (intent) {
    const embedded = [...listAt(intent.object, "charges"), intent.object.latest_charge].filter(
      isJson,
    );
    for (const object of embedded) {
      const id = refAt(object, "id");
      const separate = known.get(id);
      if (id && !(separate && separate.at >= intent.at)) {
        known.set(id, { object, at: intent.at, event: undefined });
      }
    }
  }
  return [...known.values()];
}

/** The charge that took the money, else the one that was made last. */
function mainCharge(charges: readonly Told[]): Told | undefined {
  const order = (charge: Told) => [
    Number(chargeStatus(charge) !== "failed"),
    dateAt(charge.object, "created")?.getTime() ?? 0,
    charge.at.getTime(),
  ];
  return [...charges].sort((a, b) => {
    const [x, y] = [order(a), order(b)];
    const differs = x.findIndex((value, index) => value !== y[index]);
    if (differs >= 0) return (y[differs] ?? 0) - (x[differs] ?? 0);
    return (refAt(a.object, "id") ?? "") < (refAt(b.object, "id") ?? "") ? 1 : -1;
  })[0];
}

/**
 * The intent's word, unless a charge knows more: money that was taken is taken, and an attempt that
 * failed after the intent was last heard of has failed.
 */
function statusOf(intent: Told | undefined, charge: Told | undefined): PaymentStatus {
  const byCharge = charge && chargeStatus(charge);
  if (!intent) return byCharge ?? "pending";
  const byIntent = intentStatus(intent);
  if (byIntent === "succeeded" || byIntent === "canceled") return byIntent;
  if (byCharge === "succeeded" || byCharge === "authorized") return byCharge;
  const isNews = charge && (byIntent === "pending" || charge.at > intent.at);
  return byCharge === "failed" && isNews && !isProcessing(intent) ? "failed" : byIntent;
}

function isProcessing({ object }: Told): boolean {
  return object.status === "processing";
}

function intentStatus({ object, event }: Told): PaymentStatus {
  if (typeof object.status !== "string") {
    return translate(STATUS_BY_EVENT, event) ?? (hasFailed(object) ? "failed" : "pending");
  }
  const known = translate(INTENT_STATUSES, object.status);
  if (known) return known;
  if (WAITING.has(object.status)) {
    return hasFailed(object) || event === "payment_intent.payment_failed" ? "failed" : "pending";
  }
  return "pending";
}

function hasFailed(intent: Json): boolean {
  const failure = objectAt(intent, "last_payment_error");
  return textAt(failure, "code") !== null || textAt(failure, "message") !== null;
}

function chargeStatus({ object, event }: Told): PaymentStatus {
  const word = object.status ?? (object.paid === true ? "succeeded" : undefined);
  if (word === "succeeded" || word === "paid") {
    return object.captured === false && !isTrue(object, "refunded") ? "authorized" : "succeeded";
  }
  if (word === "failed") return "failed";
  return word === undefined ? (translate(STATUS_BY_EVENT, event) ?? "pending") : "pending";
}

/** What was received where that is known to differ, as after capturing a part. */
function amountOf(status: PaymentStatus, intent?: Json, charge?: Json): number {
  const asked = unsignedAmountAt(intent, "amount") ?? unsignedAmountAt(charge, "amount") ?? 0;
  if (status !== "succeeded") return asked;
  return (
    unsignedAmountAt(intent, "amount_received") ||
    unsignedAmountAt(charge, "amount_captured") ||
    asked
  );
}

function failureOf(status: PaymentStatus, intent?: Json, charge?: Json) {
  if (status !== "failed") return { failureCode: null, failureMessage: null };
  const told = objectAt(intent, "last_payment_error");
  return {
    failureCode:
      textAt(told, "decline_code") ?? textAt(told, "code") ?? textAt(charge, "failure_code"),
    failureMessage: textAt(told, "message") ?? textAt(charge, "failure_message"),
  };
}

function methodOf(intent?: Json, charge?: Json): string | null {
  return methodWords(
    objectAt(charge, "payment_method_details"),
    objectAt(charge, "source"),
    objectAt(intent, "payment_method"),
    objectAt(intent, "last_payment_error", "payment_method"),
    objectAt(intent, "last_payment_error", "source"),
  );
}

function firstRef(name: string, ...objects: readonly (Json | undefined)[]): string | null {
  return objects.map((object) => refAt(object, name)).find((ref) => ref !== null) ?? null;
}

function newest(parts: readonly Told[]): Date {
  return new Date(Math.max(...parts.map((part) => part.at.getTime())));
}

const INTENT_STATUSES = {
  succeeded: "succeeded",
  canceled: "canceled",
  processing: "pending",
  requires_capture: "authorized",
  requires_action: "requires_action",
  requires_source_action: "requires_action",
} as const;

/** Waiting for a means of payment: from the start, or again after a failure. Two had other names in 2018. */
const WAITING: ReadonlySet<string> = new Set([
  "requires_payment_method",
  "requires_source",
  "requires_confirmation",
]);

const STATUS_BY_EVENT = {
  "payment_intent.succeeded": "succeeded",
  "payment_intent.payment_failed": "failed",
  "payment_intent.canceled": "canceled",
  "payment_intent.requires_action": "requires_action",
  "charge.succeeded": "succeeded",
  "charge.captured": "succeeded",
  "charge.refunded": "succeeded",
  "charge.failed": "failed",
} as const;
