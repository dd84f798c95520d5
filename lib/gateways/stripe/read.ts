import type { Gone, ObjectRef, Snapshot, StoredPayload } from "../gateway.ts";
import type { Told } from "./concepts.ts";
import { customerSnapshot } from "./customer.ts";
import { parseEvent, type StripeEvent } from "./event.ts";
import { invoiceSnapshot } from "./invoice.ts";
import { type Json, refAt, textAt } from "./json.ts";
import { inMinorUnits } from "./minor-units.ts";
import { checkoutSnapshot, disputeSnapshot, priceSnapshot, productSnapshot } from "./others.ts";
import { isDeletion, payloadKey } from "./payload-key.ts";
import { paymentSnapshot } from "./payment.ts";
import { kindOf, rootOf } from "./roots.ts";
import { subscriptionSnapshot } from "./subscription.ts";

/**
 * The object as stored payloads tell it. A function of the set: neither order nor repetition matters,
 * and of several payloads about one Stripe object only the newest counts. Undefined where none of
 * them says enough, such as a payment method for its customer.
 */
export function read(
  root: ObjectRef,
  payloads: readonly StoredPayload[],
): Snapshot | Gone | undefined {
  const known = newestOfEach(root, payloads);
  if (known.some(({ event }) => isDeletion(event) && isItself(root, event))) {
    return isMadeAnew(root, known) ?? { kind: "gone", ref: root.ref };
  }
  const of = (kind: string) => known.filter((each) => kindOf(each.event) === kind);
  const first = (kind: string) => of(kind)[0]?.told;
  const payment = {
    intent: first("payment_intent"),
    charges: of("charge").map(({ told }) => told),
    refunds: of("refund").map(({ told }) => told),
  };
  const notes = of("credit_note").map(({ told }) => told);
  return snapshotOf(root, { ...payment, notes, itself: itselfOf(root, known) });
}

/** What is known of an object, from payloads or from a fetch. */
export type Known = {
  readonly itself: Told | undefined;
  readonly intent: Told | undefined;
  readonly charges: readonly Told[];
  readonly refunds: readonly Told[];
  /** Credit notes that were told by themselves. */
  readonly notes: readonly Told[];
};

/** One maker of snapshots for both sources. */
export function snapshotOf(ref: ObjectRef, known: Known): Snapshot | undefined {
  const snapshot = snapshotAsWritten(ref, known);
  return snapshot && inMinorUnits(snapshot);
}

function snapshotAsWritten({ type, ref }: ObjectRef, known: Known): Snapshot | undefined {
  if (type === "payment") return paymentSnapshot(ref, known);
  const { itself } = known;
  if (!itself) return undefined;
  switch (type) {
    case "customer":
      return customerSnapshot(ref, itself);
    case "subscription":
      return subscriptionSnapshot(ref, itself);
    case "invoice":
      return invoiceSnapshot(ref, itself, known.notes);
    case "dispute":
      return disputeSnapshot(ref, itself);
    case "checkout":
      return checkoutSnapshot(ref, itself);
    case "price":
      return priceSnapshot(ref, itself);
    case "product":
      return productSnapshot(ref, itself);
  }
}

type Entry = {
  readonly event: StripeEvent;
  readonly told: Told;
  readonly terminal: boolean;
  readonly rank: number;
};

function newestOfEach(root: ObjectRef, payloads: readonly StoredPayload[]): Entry[] {
  const newest = new Map<string, Entry>();
  for (const payload of payloads) {
    const event = parseEvent(payload.body);
    const found = event && rootOf(event).root;
    if (!event || found?.type !== root.type || found.ref !== root.ref) continue;
    const { object, terminal, rank } = payloadKey(event);
    const at = event.createdAt ?? payload.createdAt ?? payload.receivedAt;
    const entry = {
      event,
      told: { object: event.object, at, event: event.meaning },
      terminal,
      rank,
    };
    const before = newest.get(object);
    if (!before || isNewer(entry, before)) newest.set(object, entry);
  }
  return [...newest.values()].sort((a, b) => (isNewer(a, b) ? -1 : 1));
}

/** Terminal beats not, then the later clock, then the higher rank, then the greater event id. */
function isNewer(a: Entry, b: Entry): boolean {
  if (a.terminal !== b.terminal) return a.terminal;
  const clock = a.told.at.getTime() - b.told.at.getTime();
  if (clock !== 0) return clock > 0;
  if (a.rank !== b.rank) return a.rank > b.rank;
  return a.event.id > b.event.id;
}

function isItself(root: ObjectRef, event: StripeEvent): boolean {
  return ITSELF[root.type].includes(kindOf(event)) && refAt(event.object, "id") === root.ref;
}

/**
 * The payload of the object itself. A price is told twice, as a price and as the plan that it was
 * before 2020: the newer counts, with the lookup key that only the price has.
 */
function itselfOf(root: ObjectRef, known: readonly Entry[]): Told | undefined {
  const tellings = known.filter(({ event }) => isItself(root, event));
  const told = tellings[0]?.told;
  const key = tellings.map(({ told }) => textAt(told.object, "lookup_key")).find((each) => each);
  if (!told || !key) return told;
  const object: Json = { ...told.object, lookup_key: key };
  return { ...told, object };
}

/** A plan's or product's id can be used again after its deletion; then the newest telling is alive. */
function isMadeAnew(root: ObjectRef, known: readonly Entry[]): Snapshot | undefined {
  const alive = itselfOf(root, known);
  const isAlive = known.find(({ event }) => isItself(root, event));
  if (!alive || !isAlive || isDeletion(isAlive.event)) return undefined;
  return snapshotOf(root, {
    itself: alive,
    intent: undefined,
    charges: [],
    refunds: [],
    notes: [],
  });
}

const ITSELF: Readonly<Record<ObjectRef["type"], readonly string[]>> = {
  customer: ["customer"],
  subscription: ["subscription"],
  invoice: ["invoice"],
  payment: ["payment_intent", "charge"],
  dispute: ["dispute"],
  checkout: ["checkout.session"],
  price: ["price", "plan"],
  product: ["product"],
};
