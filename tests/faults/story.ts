import {
  bodyOf,
  checkoutSession,
  customer,
  event,
  invoice,
  price,
  type StripeObject,
  subscription,
  subscriptionItem,
} from "#tests/support/stripe-objects.ts";
import type { Random } from "./random.ts";

/** An event to be posted, and the gateway's object as it is from then on. */
export type Told = {
  readonly id: string;
  readonly organization: number;
  readonly body: Buffer;
  readonly object: StripeObject;
};

/** What must be true of an organization in the end: worked out from what was told, by no code of ours. */
export type Expected = {
  tier: "free" | "pro" | "business";
  priceRef: string | undefined;
  status: "active" | "canceled" | undefined;
  readonly paid: Set<string>;
  /** Unpaid invoices; each is a reason for one notice. */
  readonly unpaid: Set<string>;
};

export type Story = {
  readonly organizations: number;
  /** The next event, about a given organization or any. */
  next(organization?: number): Told;
  /** What gives every organization an end that nobody can argue about. */
  ending(): Told[];
  expected(organization: number): Expected;
  customers(): StripeObject[];
};

/** Every fifth organization cancels in the end. */
const CANCELS_EVERY = 5;
const TIERS = { price_pro: "pro", price_business: "business" } as const;

/** A merchant's life as events: checkouts, changes of plan, invoices paid and not paid. */
export function tellStory(name: string, organizations: number, random: Random): Story {
  const begin = Math.floor(Date.now() / 1_000) - 40_000;
  const ends = Array.from({ length: organizations }, newlyExpected);
  let made = 0;

  function tell(organization: number, type: string, object: StripeObject): Told {
    made += 1;
    const id = `evt_${name}_${String(made).padStart(6, "0")}`;
    const body = bodyOf(event(type, object, { id, created: begin + made }));
    return { id, organization, body, object };
  }

  function checkout(n: number): Told {
    const of = { customer: `cus_${n}`, subscription: `sub_${n}` };
    const page = { id: `cs_${n}`, client_reference_id: `org_${n}`, invoice: null, ...of };
    return tell(n, "checkout.session.completed", checkoutSession(page));
  }

  function change(n: number, end: Expected): Told {
    const priceRef = random.pick(["price_pro", "price_business"] as const);
    Object.assign(end, { priceRef, status: "active", tier: TIERS[priceRef] });
    return tell(n, "customer.subscription.updated", subscribed(n, priceRef));
  }

  function cancel(n: number, end: Expected): Told {
    const priceRef = end.priceRef ?? "price_pro";
    Object.assign(end, { priceRef, status: "canceled", tier: "free" });
    const ended = { status: "canceled", canceled_at: begin, ended_at: begin };
    return tell(n, "customer.subscription.deleted", { ...subscribed(n, priceRef), ...ended });
  }

  function bill(n: number, end: Expected): Told {
    const id = `in_${n}_${made + 1}`;
    const isPaid = random.chance(0.7);
    (isPaid ? end.paid : end.unpaid).add(id);
    const common = { id, number: id, customer: `cus_${n}`, parent: null };
    const times = { finalized_at: begin, paid_at: isPaid ? begin : null, voided_at: null };
    const unpaid = { status: "open", amount_paid: 0, amount_remaining: 2900 };
    const told = { ...common, status_transitions: times, ...(isPaid ? {} : unpaid) };
    return tell(n, isPaid ? "invoice.paid" : "invoice.payment_failed", invoice(told));
  }

  const isKnown = new Set<number>();
  return {
    organizations,
    next(wanted) {
      const n = wanted ?? (made < organizations ? made : random.between(0, organizations - 1));
      const end = endOf(ends, n);
      if (!isKnown.has(n)) {
        isKnown.add(n);
        return checkout(n);
      }
      return random.chance(0.6) ? change(n, end) : bill(n, end);
    },
    ending() {
      return ends.flatMap((end, n) => {
        const told = isKnown.has(n) ? [] : [checkout(n)];
        if (n % CANCELS_EVERY === CANCELS_EVERY - 1) return [...told, cancel(n, end)];
        return end.status ? told : [...told, change(n, end)];
      });
    },
    expected: (organization) => endOf(ends, organization),
    customers: () => ends.map((_, n) => customer({ id: `cus_${n}` })),
  };
}

function subscribed(n: number, priceRef: string): StripeObject {
  const item = subscriptionItem({ price: price({ id: priceRef }), subscription: `sub_${n}` });
  const items = { object: "list", data: [item], has_more: false };
  return subscription({ id: `sub_${n}`, customer: `cus_${n}`, items, latest_invoice: null });
}

function newlyExpected(): Expected {
  return {
    tier: "free",
    priceRef: undefined,
    status: undefined,
    paid: new Set(),
    unpaid: new Set(),
  };
}

function endOf(ends: readonly Expected[], organization: number): Expected {
  const end = ends[organization];
  if (!end) throw new Error(`There is no organization ${organization}.`);
  return end;
}
