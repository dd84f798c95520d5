import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Asking } from "#lib/gateways/asking.ts";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import {
  askingAt,
  changeOf,
  failureOf,
  plansOf,
  type Subscriber,
  standingOf,
  subscriberOf,
} from "#tests/support/asking-stripe.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { payWith } from "#tests/support/sandbox-subscriptions.ts";
import { type Fate, tapWire, type WireTap } from "#tests/support/wire-tap.ts";

/*
 * Every command, cut at each of its calls, before the call and after it, and then sent again under the
 * same keys: it comes to the same as one that nothing happened to.
 */

let box: Box;
let wire: WireTap;
let plans: Awaited<ReturnType<typeof plansOf>>;
let intentions = 0;
beforeAll(async () => {
  box = await startSandbox();
  wire = await tapWire(box.url);
  plans = await plansOf(box);
});
afterAll(async () => {
  await wire.close();
  await box.close();
});

const { commands } = stripe;
const command = { commandId: "cmd_1" };
const page = { successUrl: "http://shop.test/done?cs={CHECKOUT}", cancelUrl: "http://shop.test/" };

/** Somebody, with the name of the thing that it is about and the moment that was quoted. */
type Subject = Subscriber & { ref?: string; proratedAt?: Date | null };

type Case = {
  /** Somebody for whom the command makes sense. */
  before?(): Promise<Subject>;
  send(subject: Subject, asking: Asking): Promise<unknown>;
};

async function planned(): Promise<Subject & { ref: string }> {
  const subject = await subscriberOf(box, plans.basic);
  const asked = { ...changeOf(subject, plans.pro), scheduleRef: null, ...command };
  const { scheduleRef } = await commands.changeAtRenewal(asked, fresh());
  return { ...subject, ref: scheduleRef };
}

/** Somebody whose change waits for its payment, with its invoice. */
async function unpaid(): Promise<Subject & { ref: string }> {
  const subject = await subscriberOf(box, plans.basic);
  await payWith(box, subject.customer, "pm_card_chargeCustomerFail");
  const { proratedAt } = await quoted(subject);
  const asked = {
    ...changeOf(subject, plans.pro),
    isSamePrice: false,
    proratedAt,
    scheduleRef: null,
    ...command,
  };
  const { invoiceRef } = await commands.changeNow(asked, fresh());
  return { ...subject, ref: invoiceRef ?? "" };
}

function endNow(subscriptionRef: string) {
  const nothing = { scheduleRef: null, unpaidInvoiceRef: null, feedback: null, comment: null };
  return { subscriptionRef, ...nothing, givesBack: true };
}

function fresh(url = box.url): Asking {
  intentions += 1;
  return askingAt(url, `intention${intentions}`);
}

async function quoted<S extends Subscriber>(subject: S): Promise<S & { proratedAt: Date | null }> {
  const asked = { ...changeOf(subject, plans.pro), timing: "now", at: undefined } as const;
  const { proratedAt } = await commands.previewChange(asked, fresh());
  return { ...subject, proratedAt };
}

const CASES: Record<string, Case> = {
  "an upgrade now": {
    before: async () => quoted(await planned()),
    send: ({ proratedAt = null, ref = null, ...subject }, asking) =>
      commands.changeNow(
        {
          ...changeOf(subject, plans.pro),
          isSamePrice: false,
          proratedAt,
          scheduleRef: ref,
          ...command,
        },
        asking,
      ),
  },
  "an upgrade that the bank wants approved": {
    before: async () => {
      const subject = await subscriberOf(box, plans.basic);
      await payWith(box, subject.customer, "pm_card_authenticationRequired");
      return quoted(subject);
    },
    send: ({ proratedAt = null, ...subject }, asking) =>
      commands.changeNow(
        {
          ...changeOf(subject, plans.pro),
          isSamePrice: false,
          proratedAt,
          scheduleRef: null,
          ...command,
        },
        asking,
      ),
  },
  "a change at renewal in the place of another": {
    before: planned,
    send: ({ ref = null, ...subject }, asking) =>
      commands.changeAtRenewal(
        { ...changeOf(subject, plans.yearly, 2), scheduleRef: ref, ...command },
        asking,
      ),
  },
  "giving up a planned change": {
    before: planned,
    send: ({ ref = "" }, asking) => commands.dropPlannedChange(ref, asking),
  },
  "giving up an unpaid change": {
    before: unpaid,
    send: ({ ref = "" }, asking) => commands.dropUnpaidChange(ref, asking),
  },
  "a cancellation at the period's end": {
    before: planned,
    send: ({ ref = null, subscriptionRef }, asking) =>
      commands.cancelAtPeriodEnd(
        { subscriptionRef, scheduleRef: ref, feedback: "other", comment: "Too dear." },
        asking,
      ),
  },
  "a cancellation now": {
    before: planned,
    send: ({ ref = null, subscriptionRef }, asking) =>
      commands.cancelNow({ ...endNow(subscriptionRef), scheduleRef: ref }, asking),
  },
  "a cancellation now, while a change waits for its payment": {
    before: unpaid,
    send: ({ ref = null, subscriptionRef }, asking) =>
      commands.cancelNow({ ...endNow(subscriptionRef), unpaidInvoiceRef: ref }, asking),
  },
  "taking a cancellation back": {
    before: async () => {
      const subject = await subscriberOf(box, plans.basic);
      await box.stripe.subscriptions.update(subject.subscriptionRef, {
        cancel_at_period_end: true,
      });
      return subject;
    },
    send: ({ subscriptionRef }, asking) => commands.keep(subscriptionRef, asking),
  },
  "a pause": {
    before: planned,
    send: ({ ref = null, subscriptionRef }, asking) =>
      commands.pause({ subscriptionRef, scheduleRef: ref }, asking),
  },
  "going on after a pause": {
    before: async () => {
      const subject = await subscriberOf(box, plans.basic);
      await box.stripe.subscriptions.pause(subject.subscriptionRef);
      return subject;
    },
    send: ({ subscriptionRef }, asking) => commands.unpause(subscriptionRef, asking),
  },
  "a longer trial": {
    before: () => subscriberOf(box, plans.basic, { trial_period_days: 30 }),
    send: ({ subscriptionRef }, asking) =>
      commands.extendTrial({ subscriptionRef, until: new Date("2027-06-20") }, asking),
  },
  "a new customer": {
    async send(_, asking) {
      const asked = { organizationId: "org_1", name: "Acme", email: "a@example.com" };
      const ref = await commands.createCustomer(asked, asking);
      return standingOf(box, ref);
    },
  },
  "a page to subscribe on": {
    send: ({ customer: customerRef }, asking) =>
      commands.startCheckout(
        {
          purpose: "subscription",
          customerRef,
          organizationId: "org_1",
          items: [{ priceRef: plans.pro, quantity: 2 }],
          trialDays: 14,
          takesPromotionCodes: true,
          worksOutTax: false,
          currency: "USD",
          expiresAt: null,
          ...page,
          ...command,
        },
        asking,
      ),
  },
  "closing a page": {
    before: async () => {
      const subject = await subscriberOf(box, plans.basic);
      const { id } = await box.stripe.checkout.sessions.create({
        mode: "setup",
        currency: "usd",
        customer: subject.customer,
        success_url: page.cancelUrl,
      });
      return { ...subject, ref: id };
    },
    send: ({ ref = "" }, asking) => commands.expireCheckout(ref, asking),
  },
  "a page for another card": {
    send: ({ customer: customerRef }, asking) =>
      commands.methodPage({ customerRef, currency: "USD", ...page, ...command }, asking),
  },
  "another default card": {
    before: async () => {
      const subject = await subscriberOf(box, plans.basic);
      const { customer } = subject;
      const { id } = await box.stripe.paymentMethods.attach("pm_card_mastercard", { customer });
      return { ...subject, ref: id };
    },
    send: ({ customer: customerRef, subscriptionRef, ref: methodRef = "" }, asking) =>
      commands.setDefaultMethod({ customerRef, subscriptionRef, methodRef }, asking),
  },
  "removing a card": {
    before: async () => {
      const subject = await subscriberOf(box, plans.basic);
      const { customer } = subject;
      const { id } = await box.stripe.paymentMethods.attach("pm_card_mastercard", { customer });
      return { ...subject, ref: id };
    },
    send: ({ ref = "" }, asking) => commands.removeMethod(ref, asking),
  },
  "paying an overdue invoice": {
    before: async () => {
      const subject = await subscriberOf(box, plans.basic);
      await payWith(box, subject.customer, "pm_card_chargeCustomerFail");
      const now = Date.parse("2027-06-01T02:00:00Z") / 1_000;
      await box.stripe.testHelpers.testClocks.advance(subject.clock, { frozen_time: now });
      await payWith(box, subject.customer, "pm_card_visa");
      const { data } = await box.stripe.invoices.list({ customer: subject.customer });
      return { ...subject, ref: data[0]?.id ?? "" };
    },
    send: ({ ref = "" }, asking) =>
      commands.payInvoice({ invoiceRef: ref, methodRef: null }, asking),
  },
  "other billing details": {
    before: async () => {
      const subject = await subscriberOf(box, plans.basic);
      const gone = { type: "us_ein", value: "12-3456789" } as const;
      await box.stripe.customers.createTaxId(subject.customer, gone);
      return subject;
    },
    send: ({ customer: customerRef }, asking) =>
      commands.setBillingDetails(
        {
          customerRef,
          details: {
            name: "Acme BV",
            email: "books@example.com",
            address: {
              line1: "1 Road",
              line2: null,
              postalCode: "9000",
              city: "Ghent",
              state: null,
              country: "BE",
            },
          },
          addedTaxIds: [
            { type: "eu_vat", value: "BE0123456789" },
            { type: "gb_vat", value: "GB123456789" },
          ],
          removedTaxIds: [],
        },
        asking,
      ),
  },
  "a refund": {
    before: async () => {
      const subject = await subscriberOf(box, plans.basic);
      const { data } = await box.stripe.paymentIntents.list({ customer: subject.customer });
      return { ...subject, ref: data[0]?.id ?? "" };
    },
    send: ({ ref: paymentRef = "" }, asking) =>
      commands.refund({ paymentRef, amountMinor: 1_500, reason: "Sorry.", ...command }, asking),
  },
  "a credit": {
    send: ({ customer: customerRef }, asking) =>
      commands.credit({ customerRef, amountMinor: 700, currency: "USD", reason: "Sorry." }, asking),
  },
};

describe.each(Object.entries(CASES))("%s", (_, { before, send }) => {
  const subjectOf = before ?? (() => subscriberOf(box, plans.basic));

  /** Sends it until it is answered, at most twice, and says what came of it. */
  async function sent(call: number, how: Fate) {
    const subject = await subjectOf();
    const asking = fresh(wire.url);
    wire.calls.length = 0;
    wire.decide(() => (wire.calls.length === call ? how : "pass"));
    if (call > 0) {
      expect(await failureOf(send(subject, asking))).toMatchObject({ code: "gateway_unavailable" });
    }
    const answer = await send(subject, asking);
    return {
      subject,
      asking,
      answer: plain(answer),
      standing: await standingOf(box, subject.customer),
    };
  }

  test("comes to the same when it is sent twice, and when any call of it was cut", async () => {
    const once = await sent(0, "pass");
    const calls = wire.calls.length;
    const again = plain(await send(once.subject, once.asking));
    expect(again).toEqual(once.answer);
    expect(await standingOf(box, once.subject.customer)).toEqual(once.standing);

    for (let call = 1; call <= calls; call += 1) {
      for (const how of ["cut before", "cut after"] as const) {
        const { answer, standing } = await sent(call, how);
        expect({ call, how, answer, standing }).toEqual({
          ...once,
          call,
          how,
          subject: undefined,
          asking: undefined,
        });
      }
    }
  });
});

/** An answer without the names that differ from one to the next. */
function plain(answer: unknown): unknown {
  return JSON.parse(
    JSON.stringify(answer ?? null).replaceAll(/\b(?:cus|in|re|sub_sched|cs_test|pm)_\w+/g, "$ref"),
  );
}
