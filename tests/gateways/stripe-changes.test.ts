import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PaidAnswer } from "#lib/gateways/asking.ts";
import type { SubscriptionSnapshot } from "#lib/gateways/gateway.ts";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import {
  askingAt,
  changeOf,
  failureOf,
  plansOf,
  type Subscriber,
  subscriberOf,
} from "#tests/support/asking-stripe.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { taxedBy } from "#tests/support/sandbox-billing.ts";
import {
  advanceTo,
  invoicesOf,
  onlyItem,
  payWith,
  priced,
} from "#tests/support/sandbox-subscriptions.ts";

let box: Box;
let plans: Awaited<ReturnType<typeof plansOf>>;
let intentions = 0;
beforeAll(async () => {
  box = await startSandbox();
  plans = await plansOf(box);
});
afterAll(() => box.close());

const { commands } = stripe;
const commandId = "cmd_1";

function asking() {
  intentions += 1;
  return askingAt(box.url, `intention${intentions}`);
}

async function changeNow(
  subject: Subscriber,
  price: string,
  { scheduleRef = null as string | null, by = asking() } = {},
): Promise<PaidAnswer> {
  const change = changeOf(subject, price);
  const now = { ...change, timing: "now", at: undefined } as const;
  const { proratedAt } = await commands.previewChange(now, asking());
  return commands.changeNow(
    { ...change, isSamePrice: false, proratedAt, scheduleRef, commandId },
    by,
  );
}

function changeAtRenewal(subject: Subscriber, price: string, scheduleRef: string | null = null) {
  const asked = { ...changeOf(subject, price), scheduleRef, commandId };
  return commands.changeAtRenewal(asked, asking());
}

async function mirrored({ subscriptionRef: ref }: Subscriber): Promise<SubscriptionSnapshot> {
  const { connection, signal } = asking();
  const found = await stripe.fetch({ type: "subscription", ref }, connection, signal);
  if (found.kind !== "subscription") throw new Error(`it is ${found.kind}`);
  return found;
}

async function priceNow({ subscriptionRef }: Subscriber): Promise<string> {
  return onlyItem(await box.stripe.subscriptions.retrieve(subscriptionRef)).price.id;
}

describe("a change now", () => {
  test("charges an upgrade, and credits a downgrade", async () => {
    const subject = await subscriberOf(box, plans.basic);

    expect(await changeNow(subject, plans.pro)).toMatchObject({
      kind: "paid",
      currency: "USD",
      chargedMinor: 5_000,
      creditedMinor: 0,
      movesCredit: false,
    });
    expect(await changeNow(subject, plans.basic)).toMatchObject({
      kind: "paid",
      chargedMinor: 0,
      creditedMinor: 5_000,
      movesCredit: true,
    });
    // Part of it is paid by what was credited.
    expect(await changeNow(subject, plans.pro)).toMatchObject({
      kind: "paid",
      creditedMinor: 0,
      movesCredit: true,
    });
  });

  test("with a declined card says why, leaves the plan, and waits for its payment", async () => {
    const subject = await subscriberOf(box, plans.basic);
    await payWith(box, subject.customer, "pm_card_chargeCustomerFail");

    const answer = await changeNow(subject, plans.pro);

    expect(answer).toMatchObject({
      kind: "needs_person",
      because: "declined",
      sentence: "Your card was declined.",
      url: expect.stringContaining("http"),
    });
    const { items, unpaidChange, status } = await mirrored(subject);
    expect({ items, status }).toEqual({
      items: [{ ref: subject.itemRef, priceRef: plans.basic, quantity: 1 }],
      status: "active",
    });
    expect(unpaidChange).toEqual({
      until: new Date("2027-05-17T11:00:00Z"),
      items: [{ priceRef: plans.pro, quantity: 1 }],
      invoiceRef: answer.invoiceRef,
    });
  });

  test("takes effect when its invoice is paid with another card", async () => {
    const subject = await subscriberOf(box, plans.basic);
    await payWith(box, subject.customer, "pm_card_chargeCustomerFail");
    const { invoiceRef } = await changeNow(subject, plans.pro);
    const methodRef = await payWith(box, subject.customer, "pm_card_visa");

    const paid = await commands.payInvoice({ invoiceRef: invoiceRef ?? "", methodRef }, asking());

    expect(paid).toMatchObject({ kind: "paid", chargedMinor: 5_000, invoiceRef });
    expect(await priceNow(subject)).toBe(plans.pro);
    expect(await mirrored(subject)).toMatchObject({ unpaidChange: null });
  });

  test("that the bank wants approved waits for it, and is paid when it is sent again after", async () => {
    const subject = await subscriberOf(box, plans.basic);
    await payWith(box, subject.customer, "pm_card_authenticationRequired");
    const by = asking();
    const change = changeOf(subject, plans.pro);
    const now = { ...change, timing: "now", at: undefined } as const;
    const { proratedAt } = await commands.previewChange(now, asking());
    const send = () =>
      commands.changeNow(
        { ...change, isSamePrice: false, proratedAt, scheduleRef: null, commandId },
        by,
      );

    expect(await send()).toMatchObject({ kind: "needs_person", because: "authentication" });
    await approve(subject);

    expect(await send()).toMatchObject({ kind: "paid", chargedMinor: 5_000 });
    expect(await priceNow(subject)).toBe(plans.pro);
  });

  test("that the bank was refused is declined", async () => {
    const subject = await subscriberOf(box, plans.basic);
    await payWith(box, subject.customer, "pm_card_authenticationRequired");
    const { invoiceRef } = await changeNow(subject, plans.pro);
    await approve(subject, "refuse");

    const answer = await commands.payInvoice(
      { invoiceRef: invoiceRef ?? "", methodRef: null },
      asking(),
    );

    expect(answer).toMatchObject({ kind: "needs_person", because: "authentication" });
    expect(await priceNow(subject)).toBe(plans.basic);
  });

  test("without any card needs one, and changes nothing", async () => {
    const subject = await subscriberOf(box, plans.basic);
    const { data } = await box.stripe.paymentMethods.list({ customer: subject.customer });
    for (const { id } of data) await box.stripe.paymentMethods.detach(id);

    expect(await changeNow(subject, plans.pro)).toMatchObject({
      kind: "needs_person",
      because: "no_method",
    });
    expect(await priceNow(subject)).toBe(plans.basic);
  });

  test("that was given up leaves nothing to pay, and cannot be given up once it is paid", async () => {
    const subject = await subscriberOf(box, plans.basic);
    await payWith(box, subject.customer, "pm_card_chargeCustomerFail");
    const { invoiceRef } = await changeNow(subject, plans.pro);

    await commands.dropUnpaidChange(invoiceRef ?? "", asking());

    expect(await mirrored(subject)).toMatchObject({ unpaidChange: null, status: "active" });
    await payWith(box, subject.customer, "pm_card_visa");
    const paid = await changeNow(subject, plans.pro);
    const late = commands.dropUnpaidChange(paid.invoiceRef ?? "", asking());
    expect(await failureOf(late)).toMatchObject({ code: "gateway_refused" });
    expect((await failureOf(late)).message).toMatch(/taken effect/);
  });

  test("releases a schedule first, be it ours or not", async () => {
    const subject = await subscriberOf(box, plans.basic);
    const { scheduleRef } = await changeAtRenewal(subject, plans.yearly);

    expect(await changeNow(subject, plans.pro, { scheduleRef })).toMatchObject({ kind: "paid" });

    expect(await mirrored(subject)).toMatchObject({ scheduleRef: null, planned: null });
    await advanceTo(box, subject, "2027-06-02");
    expect(await priceNow(subject)).toBe(plans.pro);
  });

  test("of seats keeps the price, in a currency without minor units too", async () => {
    const price = await priced(box, 1_000, { currency: "jpy" });
    const subject = await subscriberOf(box, price);
    const change = changeOf(subject, price, 3);
    const now = { ...change, timing: "now", at: undefined } as const;
    const { proratedAt, dueMinor } = await commands.previewChange(now, asking());

    const answer = await commands.changeNow(
      { ...change, isSamePrice: true, proratedAt, scheduleRef: null, commandId },
      asking(),
    );

    expect(dueMinor).toBe(1_000);
    expect(answer).toMatchObject({ currency: "JPY", chargedMinor: 1_000 });
  });

  test("of seats is possible at a price that is sold to nobody else any more", async () => {
    const old = await priced(box, 1_000);
    const subject = await subscriberOf(box, old);
    await box.stripe.prices.update(old, { active: false });
    const change = changeOf(subject, old, 3);
    const now = { ...change, timing: "now", at: undefined } as const;
    const { proratedAt, dueMinor } = await commands.previewChange(now, asking());

    const answer = await commands.changeNow(
      { ...change, isSamePrice: true, proratedAt, scheduleRef: null, commandId },
      asking(),
    );

    expect(answer).toMatchObject({ kind: "paid", chargedMinor: dueMinor });
    expect(dueMinor).toBe(1_000);
    await changeAtRenewal(subject, plans.basic);
    expect(await mirrored(subject)).toMatchObject({
      items: [{ priceRef: old, quantity: 3 }],
      planned: { items: [{ priceRef: plans.basic }] },
    });
    const other = await subscriberOf(box, plans.basic);
    expect(await failureOf(changeNow(other, old))).toMatchObject({ code: "gateway_refused" });
  });

  test("to a price in another currency is refused with Stripe's sentence", async () => {
    const subject = await subscriberOf(box, plans.basic);
    const euros = await priced(box, 10_000, { currency: "eur" });
    const asked = {
      ...changeOf(subject, euros),
      isSamePrice: false,
      proratedAt: null,
      scheduleRef: null,
      commandId,
    };

    const failure = await failureOf(commands.changeNow(asked, asking()));

    expect(failure.code).toBe("gateway_refused");
    expect(failure.message).toMatch(/Stripe says: .*currency/i);
  });
});

describe("a change at the renewal", () => {
  test("is planned by a schedule that says whose it is, and happens then", async () => {
    const subject = await subscriberOf(box, plans.pro);

    const { scheduleRef, at } = await changeAtRenewal(subject, plans.basic);

    expect(at).toEqual(new Date("2027-06-01"));
    expect(await mirrored(subject)).toMatchObject({
      scheduleRef,
      planned: { at, items: [{ priceRef: plans.basic, quantity: 1 }], commandId },
      items: [{ priceRef: plans.pro }],
    });
    await advanceTo(box, subject, "2027-06-02");
    expect(await mirrored(subject)).toMatchObject({
      scheduleRef,
      planned: null,
      items: [{ priceRef: plans.basic }],
    });
    await advanceTo(box, subject, "2027-07-02");
    expect(await mirrored(subject)).toMatchObject({
      scheduleRef: null,
      items: [{ priceRef: plans.basic }],
    });
  });

  test.each([
    ["rates of the subscription", "default_tax_rates"],
    ["rates of its item", "items"],
    ["tax that Stripe works out", "automatic_tax"],
  ] as const)("keeps %s for what comes then, as it was quoted", async (_, kept) => {
    const subject = await subscriberOf(box, plans.pro);
    const rates = [await taxedBy(box, { percentage: 19 })];
    await box.stripe.customers.update(subject.customer, { address: { country: "DE" } });
    const terms = {
      default_tax_rates: { default_tax_rates: rates },
      items: { items: [{ id: subject.itemRef, tax_rates: rates }] },
      automatic_tax: { automatic_tax: { enabled: true } },
    };
    await box.stripe.subscriptions.update(subject.subscriptionRef, terms[kept]);
    const then = { ...changeOf(subject, plans.basic), timing: "renewal", at: undefined } as const;
    const quote = await commands.previewChange(then, asking());

    await changeAtRenewal(subject, plans.basic);

    expect(quote).toMatchObject({ taxMinor: 1_900, next: { totalMinor: 11_900 } });
    expect(await commands.previewChange(then, asking())).toEqual(quote);
    await advanceTo(box, subject, "2027-06-02");
    expect((await invoicesOf(box, subject)).at(-1)).toMatchObject({ amount_paid: 11_900 });
  });

  test("keeps discounts, metadata and the trial as they are", async () => {
    const { id: coupon } = await box.stripe.coupons.create({
      percent_off: 50,
      duration: "forever",
    });
    const subject = await subscriberOf(box, plans.pro, {
      discounts: [{ coupon }],
      items: [{ price: plans.pro, metadata: { cost_centre: "7" } }],
      metadata: { organization_id: "org_1" },
      trial_period_days: 30,
    });
    const before = await box.stripe.subscriptions.retrieve(subject.subscriptionRef);

    const { scheduleRef, at } = await changeAtRenewal(subject, plans.yearly);

    expect(at).toEqual(new Date("2027-05-31"));
    const { phases } = await box.stripe.subscriptionSchedules.retrieve(scheduleRef);
    const kept = {
      discounts: [{ discount: before.discounts[0] }],
      items: [{ metadata: { cost_centre: "7" } }],
    };
    expect(phases).toMatchObject([
      { trial_end: before.trial_end, ...kept },
      { trial_end: null, ...kept },
    ]);
    const { schedule: _, ...planned } = await box.stripe.subscriptions.retrieve(
      subject.subscriptionRef,
    );
    expect({ ...planned, schedule: null }).toEqual(before);
    await advanceTo(box, subject, "2027-06-01");
    const after = await box.stripe.subscriptions.retrieve(subject.subscriptionRef, {
      expand: ["latest_invoice"],
    });
    expect(after).toMatchObject({
      discounts: before.discounts,
      metadata: { organization_id: "org_1" },
      latest_invoice: { total: 100_000 },
    });
  });

  test("takes the place of somebody else's plan", async () => {
    const subject = await subscriberOf(box, plans.basic);
    const foreign = await foreignSchedule(subject);
    expect(await mirrored(subject)).toMatchObject({
      scheduleRef: foreign,
      planned: { commandId: null, items: [{ priceRef: plans.yearly }] },
    });

    const { scheduleRef } = await changeAtRenewal(subject, plans.pro, foreign);

    expect(await mirrored(subject)).toMatchObject({ scheduleRef, planned: { commandId } });
    expect(await box.stripe.subscriptionSchedules.retrieve(foreign)).toMatchObject({
      status: "released",
    });
  });

  test("that is refused leaves no schedule behind", async () => {
    const subject = await subscriberOf(box, plans.basic);
    const wrong = { ...changeOf(subject, plans.pro), itemRef: "si_other" };
    const asked = { ...wrong, scheduleRef: null, commandId };

    expect(await failureOf(commands.changeAtRenewal(asked, asking()))).toMatchObject({
      code: "gateway_refused",
    });
    expect(await mirrored(subject)).toMatchObject({ scheduleRef: null });

    const euros = await priced(box, 10_000, { currency: "eur" });
    const failure = await failureOf(changeAtRenewal(subject, euros));
    expect(failure.message).toMatch(/Stripe says: .*currency/);
    expect(await mirrored(subject)).toMatchObject({ scheduleRef: null });
  });

  test("plans nothing while its schedule has one phase only", async () => {
    const subject = await subscriberOf(box, plans.basic);
    const { subscriptionRef: from_subscription } = subject;
    const { id } = await box.stripe.subscriptionSchedules.create({ from_subscription });

    expect(await mirrored(subject)).toMatchObject({ scheduleRef: id, planned: null });
  });

  test("can be given up twice", async () => {
    const subject = await subscriberOf(box, plans.basic);
    const { scheduleRef } = await changeAtRenewal(subject, plans.pro);

    await commands.dropPlannedChange(scheduleRef, asking());
    await commands.dropPlannedChange(scheduleRef, asking());

    expect(await mirrored(subject)).toMatchObject({ scheduleRef: null, planned: null });
  });
});

async function approve({ customer }: Subscriber, answer: "approve" | "refuse" = "approve") {
  const waiting = box.world
    .all("payment_intent")
    .find((intent) => intent.customer === customer && intent.status === "requires_action");
  const { status } = await box.control(`/intents/${waiting?.id}/${answer}`, {});
  if (status >= 400) throw new Error(`the bank was not answered: ${status}`);
}

/** A plan that was made in Stripe's own dashboard. */
async function foreignSchedule({ subscriptionRef }: Subscriber): Promise<string> {
  const { id, phases } = await box.stripe.subscriptionSchedules.create({
    from_subscription: subscriptionRef,
  });
  const [{ start_date, end_date } = { start_date: 0, end_date: 0 }] = phases;
  await box.stripe.subscriptionSchedules.update(id, {
    phases: [
      { start_date, end_date, items: [{ price: plans.basic, quantity: 1 }] },
      { items: [{ price: plans.yearly, quantity: 1 }], duration: { interval: "year" } },
    ],
  });
  return id;
}
