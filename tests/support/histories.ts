import fc from "fast-check";
import {
  charge,
  checkoutSession,
  customer,
  dispute,
  event,
  invoice,
  invoiceLine,
  invoicePayment,
  paymentIntent,
  price,
  type StripeObject,
  subscription,
  subscriptionItem,
} from "./stripe-objects.ts";

/** What can happen to an organization that pays. */
export type Step =
  | { kind: "change"; to: "price_pro" | "price_business" }
  | { kind: "renew" }
  | { kind: "fail" }
  | { kind: "recover" }
  | { kind: "cancel_at_end" }
  | { kind: "resume" }
  | { kind: "cancel" }
  | { kind: "refund"; half: boolean }
  | { kind: "dispute"; won: boolean };

/** One moment of a history: the objects as they then are at Stripe, and the events that tell of them. */
export type Moment = { objects: StripeObject[]; events: StripeObject[] };

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("change" as const),
      to: fc.constantFrom("price_pro" as const, "price_business" as const),
    }),
    fc.record({ kind: fc.constant("renew" as const) }),
    fc.record({ kind: fc.constant("fail" as const) }),
    fc.record({ kind: fc.constant("recover" as const) }),
    fc.record({ kind: fc.constant("cancel_at_end" as const) }),
    fc.record({ kind: fc.constant("resume" as const) }),
    fc.record({ kind: fc.constant("cancel" as const) }),
    fc.record({ kind: fc.constant("refund" as const), half: fc.boolean() }),
    fc.record({ kind: fc.constant("dispute" as const), won: fc.boolean() }),
  ),
  { minLength: 1, maxLength: 6 },
);

const HOUR = 3600;

/**
 * Plays the steps of one organization as Stripe would, from its checkout on. Names begin with
 * `prefix`, so that one history can be played to several organizations. Each moment has its own
 * second, except what Stripe itself puts into one.
 */
export function play(prefix: string, stepsToPlay: readonly Step[], startsAt: number): Moment[] {
  const id = (kind: string, n: number | string = 1) => `${kind}_${prefix}_${n}`;
  let clock = startsAt;
  let invoices = 0;
  let price_ = "price_pro";
  let status = "incomplete";
  let cancelAt: number | null = null;
  let openInvoice: StripeObject | undefined;
  let paid: { intent: StripeObject; charge: StripeObject } | undefined;
  const moments: Moment[] = [];
  const buyer = customer({ id: id("cus") });

  const sub = (extra = {}) =>
    subscription({
      id: id("sub"),
      customer: buyer.id,
      created: startsAt,
      start_date: startsAt,
      status,
      cancel_at: cancelAt,
      latest_invoice: id("in", invoices),
      items: {
        object: "list",
        has_more: false,
        data: [
          subscriptionItem({
            id: id("si"),
            subscription: id("sub"),
            price: price({ id: price_ }),
            current_period_start: startsAt + invoices * HOUR,
            current_period_end: startsAt + (invoices + 30) * 24 * HOUR,
          }),
        ],
      },
      ...extra,
    });
  const bill = (changes = {}) => {
    const line = invoiceLine({
      id: id("il", invoices),
      parent: {
        subscription_item_details: { proration: false, subscription: id("sub") },
        type: "subscription_item_details",
      },
      pricing: { price_details: { price: price_, product: "prod_1" }, type: "price_details" },
    });
    return invoice({
      id: id("in", invoices),
      number: id("BH", invoices),
      customer: buyer.id,
      parent: { subscription_details: { subscription: id("sub") }, type: "subscription_details" },
      lines: { object: "list", data: [line], has_more: false },
      status_transitions: { finalized_at: clock, paid_at: clock, voided_at: null },
      ...changes,
    });
  };
  const pay = (of: StripeObject) => {
    const intent = paymentIntent({
      id: id("pi", invoices),
      customer: buyer.id,
      created: clock,
      latest_charge: id("ch", invoices),
    });
    const made = charge({
      id: id("ch", invoices),
      customer: buyer.id,
      created: clock,
      payment_intent: intent.id,
    });
    const link = invoicePayment({
      id: id("inpay", invoices),
      invoice: of.id,
      payment: { type: "payment_intent", payment_intent: intent.id },
    });
    paid = { intent, charge: made };
    return [intent, made, link];
  };
  const moment = (told: [string, StripeObject][], also: StripeObject[] = []) => {
    const events = told.map(([type, object]) =>
      event(type, structuredClone(object), {
        id: `evt_${prefix}_${moments.length}_${told.findIndex(([name]) => name === type)}`,
        created: clock,
      }),
    );
    moments.push({
      objects: structuredClone([...told.map(([, object]) => object), ...also]),
      events,
    });
    clock += 60;
  };

  subscribe();
  for (const step of stepsToPlay) take(step);
  return moments;

  function subscribe() {
    invoices = 1;
    const before = sub();
    status = "active";
    const first = bill();
    const [intent, made, link] = pay(first) as [StripeObject, StripeObject, StripeObject];
    const page = checkoutSession({
      id: id("cs"),
      customer: buyer.id,
      subscription: id("sub"),
      invoice: first.id,
      client_reference_id: `org_${prefix}`,
    });
    moment(
      [
        ["customer.created", buyer],
        ["customer.subscription.created", before],
        ["invoice.paid", first],
        ["payment_intent.succeeded", intent],
        ["charge.succeeded", made],
        ["checkout.session.completed", page],
        ["customer.subscription.updated", sub()],
      ],
      [link],
    );
  }

  function take(step: Step) {
    if (status === "canceled" && step.kind !== "refund" && step.kind !== "dispute") return;
    switch (step.kind) {
      case "change":
        price_ = step.to;
        return moment([["customer.subscription.updated", sub()]]);
      case "renew": {
        if (openInvoice) return;
        invoices += 1;
        const next = bill({ billing_reason: "subscription_cycle" });
        const [intent, made, link] = pay(next) as [StripeObject, StripeObject, StripeObject];
        return moment(
          [
            ["customer.subscription.updated", sub()],
            ["invoice.paid", next],
            ["payment_intent.succeeded", intent],
            ["charge.succeeded", made],
          ],
          [link],
        );
      }
      case "fail": {
        if (openInvoice) return;
        invoices += 1;
        status = "past_due";
        openInvoice = bill({
          billing_reason: "subscription_cycle",
          status: "open",
          amount_paid: 0,
          amount_remaining: 2900,
          next_payment_attempt: clock + 72 * HOUR,
        });
        return moment([
          ["invoice.payment_failed", openInvoice],
          ["customer.subscription.updated", sub()],
        ]);
      }
      case "recover": {
        if (!openInvoice) return;
        status = "active";
        const settled = {
          ...openInvoice,
          status: "paid",
          amount_paid: 2900,
          amount_remaining: 0,
          next_payment_attempt: null,
          attempt_count: 2,
        };
        openInvoice = undefined;
        return moment([
          ["invoice.paid", settled],
          ["customer.subscription.updated", sub()],
        ]);
      }
      case "cancel_at_end":
        cancelAt = startsAt + 400 * 24 * HOUR;
        return moment([["customer.subscription.updated", sub()]]);
      case "resume":
        cancelAt = null;
        return moment([["customer.subscription.updated", sub()]]);
      case "cancel":
        status = "canceled";
        return moment([
          ["customer.subscription.deleted", sub({ canceled_at: clock, ended_at: clock })],
        ]);
      case "refund": {
        if (!paid) return;
        const amount = step.half && !paid.charge.refunded ? 1450 : 2900;
        paid.charge = { ...paid.charge, amount_refunded: amount, refunded: amount === 2900 };
        return moment([["charge.refunded", paid.charge]]);
      }
      case "dispute": {
        if (!paid) return;
        const opened = dispute({
          id: id("dp", moments.length),
          charge: paid.charge.id,
          payment_intent: paid.intent.id,
          created: clock,
        });
        moment([["charge.dispute.created", opened]]);
        return moment([
          ["charge.dispute.closed", { ...opened, status: step.won ? "won" : "lost" }],
        ]);
      }
    }
  }
}
