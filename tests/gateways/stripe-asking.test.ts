import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { CheckoutAsked } from "#lib/gateways/asking.ts";
import type { ObjectType, TaxId } from "#lib/gateways/gateway.ts";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import { askingAt, failureOf, plansOf, subscriberOf } from "#tests/support/asking-stripe.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { checkoutOf } from "#tests/support/sandbox-checkout.ts";
import { advanceTo, invoicesOf, payWith, priced } from "#tests/support/sandbox-subscriptions.ts";

let box: Box;
let plans: Awaited<ReturnType<typeof plansOf>>;
let intentions = 0;
beforeAll(async () => {
  box = await startSandbox();
  plans = await plansOf(box);
});
afterEach(() => box.control("/faults", { calls: { error: 0, rateLimit: 0 } }));
afterAll(() => box.close());

const { commands } = stripe;
const commandId = "cmd_1";
const page = { successUrl: "http://shop.test/done?cs={CHECKOUT}", cancelUrl: "http://shop.test/" };

function asking() {
  intentions += 1;
  return askingAt(box.url, `intention${intentions}`);
}

function mirrored(type: ObjectType, ref: string) {
  const { connection, signal } = asking();
  return stripe.fetch({ type, ref }, connection, signal);
}

describe("the end of a subscription", () => {
  test("comes with the period, for a reason, and is taken back", async () => {
    const { subscriptionRef } = await subscriberOf(box, plans.basic);
    const why = { feedback: "too_expensive", comment: "Twice last year’s." } as const;
    const asked = { subscriptionRef, scheduleRef: null, ...why };

    expect(await commands.cancelAtPeriodEnd(asked, asking())).toEqual({
      at: new Date("2027-06-01"),
    });

    const { cancellation_details } = await box.stripe.subscriptions.retrieve(subscriptionRef);
    expect(cancellation_details).toMatchObject(why);
    await commands.keep(subscriptionRef, asking());
    expect(await mirrored("subscription", subscriptionRef)).toMatchObject({ cancelAt: null });
  });

  test("is taken back where Stripe's own page set a date", async () => {
    const { subscriptionRef } = await subscriberOf(box, plans.basic);
    await box.stripe.subscriptions.update(subscriptionRef, { cancel_at: "min_period_end" });

    await commands.keep(subscriptionRef, asking());

    expect(await mirrored("subscription", subscriptionRef)).toMatchObject({ cancelAt: null });
  });

  test.each([
    [true, -5_000],
    [false, 0],
  ])("comes now, and gives back what is unused: %s", async (givesBack, balance) => {
    const { subscriptionRef, customer } = await subscriberOf(box, plans.basic);
    const nothing = { feedback: null, comment: null, unpaidInvoiceRef: null };
    const asked = { subscriptionRef, scheduleRef: null, ...nothing, givesBack };

    await commands.cancelNow(asked, asking());

    expect(await mirrored("subscription", subscriptionRef)).toMatchObject({ status: "canceled" });
    expect(await mirrored("customer", customer)).toMatchObject({ balanceMinor: 0 - balance });
    const { data } = await box.stripe.invoiceItems.list({ customer, pending: true });
    expect(data).toEqual([]);
  });
});

describe("a pause", () => {
  test("stops a subscription, which goes on with a new period when that is paid", async () => {
    const { subscriptionRef } = await subscriberOf(box, plans.basic);

    await commands.pause({ subscriptionRef, scheduleRef: null }, asking());

    expect(await mirrored("subscription", subscriptionRef)).toMatchObject({ status: "paused" });
    expect(await commands.unpause(subscriptionRef, asking())).toMatchObject({
      kind: "paid",
      chargedMinor: 10_000,
    });
    expect(await mirrored("subscription", subscriptionRef)).toMatchObject({
      status: "active",
      periodEnd: new Date("2027-06-16T12:00:00Z"),
    });
  });

  test("goes on until somebody pays, where the card does not", async () => {
    const { subscriptionRef, customer } = await subscriberOf(box, plans.basic);
    await commands.pause({ subscriptionRef, scheduleRef: null }, asking());
    await payWith(box, customer, "pm_card_chargeCustomerFail");

    expect(await commands.unpause(subscriptionRef, asking())).toMatchObject({
      kind: "needs_person",
      because: "declined",
    });

    expect(await mirrored("subscription", subscriptionRef)).toMatchObject({ status: "paused" });
  });
});

test("a trial is extended without a charge", async () => {
  const subject = await subscriberOf(box, plans.basic, { trial_period_days: 20 });
  const until = new Date("2027-06-20");

  await commands.extendTrial({ subscriptionRef: subject.subscriptionRef, until }, asking());

  await advanceTo(box, subject, "2027-06-10");
  expect(await mirrored("subscription", subject.subscriptionRef)).toMatchObject({
    status: "trialing",
    trialEnd: until,
  });
  expect((await invoicesOf(box, subject)).map(({ amount_paid }) => amount_paid)).toEqual([0]);
});

describe("a page to pay on", () => {
  async function buying(given: Partial<CheckoutAsked>): Promise<CheckoutAsked> {
    const asked = { organizationId: "org_7", name: "Acme", email: "a@example.com" };
    return {
      purpose: "subscription",
      customerRef: await commands.createCustomer(asked, asking()),
      organizationId: "org_7",
      items: [{ priceRef: plans.pro, quantity: 2 }],
      trialDays: null,
      takesPromotionCodes: false,
      worksOutTax: false,
      currency: "USD",
      expiresAt: null,
      commandId,
      ...page,
      ...given,
    };
  }

  test("lets Stripe work out tax where that is asked, now and for all that is billed later", async () => {
    const asked = await buying({ worksOutTax: true });
    const { ref } = await commands.startCheckout(asked, asking());
    const page = { id: ref };

    await checkoutOf(box).pay(page, undefined, { country: "DE" });
    await checkoutOf(box).pay(page, undefined, { country: "DE" });

    const paid = await box.stripe.checkout.sessions.retrieve(ref, { expand: ["subscription"] });
    expect(paid).toMatchObject({
      amount_total: 47_600,
      subscription: { automatic_tax: { enabled: true } },
    });
  });

  test("sells a subscription that says whose it is", async () => {
    const asked = await buying({ trialDays: 14, takesPromotionCodes: true });

    const { ref, url } = await commands.startCheckout(asked, asking());

    expect(url).toContain(ref);
    const { location } = await checkoutOf(box).pay({ id: ref });
    expect(location).toBe(`http://shop.test/done?cs=${ref}`);
    const sold = await mirrored("checkout", ref);
    if (sold.kind !== "checkout") throw new Error("no checkout");
    expect(sold).toMatchObject({
      claim: { organization: "org_7", source: "checkout" },
      customerRef: asked.customerRef,
      priceRefs: [plans.pro],
    });
    const subscription = await mirrored("subscription", sold.subscriptionRef ?? "");
    expect(subscription).toMatchObject({
      status: "trialing",
      items: [{ priceRef: plans.pro, quantity: 2 }],
      claim: { organization: "org_7", source: "subscription_metadata" },
    });
    expect(await mirrored("customer", asked.customerRef)).toMatchObject({
      claim: { organization: "org_7" },
    });
    expect(await commands.expireCheckout(ref, asking())).toBe("completed");
  });

  test("sells a thing once, with an invoice", async () => {
    const { id } = await box.stripe.prices.create({
      currency: "usd",
      unit_amount: 1_500,
      product_data: { name: "Book" },
    });
    const items = [{ priceRef: id, quantity: 1 }];
    const asked = await buying({ purpose: "payment", items });

    const { ref } = await commands.startCheckout(asked, asking());

    await checkoutOf(box).pay({ id: ref });
    expect(await mirrored("checkout", ref)).toMatchObject({
      purpose: "payment",
      isPaid: true,
      invoiceRef: expect.stringContaining("in_"),
    });
  });

  test("that expired is closed, and stays so", async () => {
    const { ref } = await commands.startCheckout(await buying({}), asking());

    expect(await commands.expireCheckout(ref, asking())).toBe("expired");
    expect(await commands.expireCheckout(ref, asking())).toBe("expired");
  });
});

describe("means of payment", () => {
  test("are added on Stripe's page, made the default, and removed", async () => {
    const { customer, subscriptionRef } = await subscriberOf(box, plans.basic);
    const asked = { customerRef: customer, currency: "USD", commandId, ...page };
    const { url } = await commands.methodPage(asked, asking());
    const id = new URL(url).pathname.split("/").at(-1) ?? "";
    await checkoutOf(box).pay({ id }, "5555555555554444");
    const added = await mirrored("customer", customer);
    if (added.kind !== "customer") throw new Error("no customer");
    const [second, first] = added.methods ?? [];
    expect(second).toMatchObject({
      kind: "card",
      brand: "mastercard",
      last4: "4444",
      expMonth: 12,
    });
    expect(added.defaultMethodRef).toBe(first?.ref);

    const methodRef = second?.ref ?? "";
    await commands.setDefaultMethod(
      { customerRef: customer, subscriptionRef, methodRef },
      asking(),
    );
    await commands.removeMethod(first?.ref ?? "", asking());

    expect(await mirrored("customer", customer)).toMatchObject({
      defaultMethodRef: methodRef,
      methods: [{ ref: methodRef }],
    });
    expect(await mirrored("subscription", subscriptionRef)).toMatchObject({ methodRef });
  });
});

describe("an open invoice", () => {
  test("is declined, then paid with another card", async () => {
    const subject = await subscriberOf(box, plans.basic);
    await payWith(box, subject.customer, "pm_card_chargeCustomerFail");
    await advanceTo(box, subject, "2027-06-01T02:00:00Z");
    const invoiceRef = (await invoicesOf(box, subject)).at(-1)?.id ?? "";

    expect(await commands.payInvoice({ invoiceRef, methodRef: null }, asking())).toEqual({
      kind: "needs_person",
      because: "declined",
      sentence: "Your card was declined.",
      invoiceRef,
      url: expect.stringContaining("http"),
    });
    const methodRef = await payWith(box, subject.customer, "pm_card_visa");
    expect(await commands.payInvoice({ invoiceRef, methodRef }, asking())).toMatchObject({
      kind: "paid",
      chargedMinor: 10_000,
    });
    expect(await commands.payInvoice({ invoiceRef, methodRef }, asking())).toMatchObject({
      kind: "paid",
    });
    expect(await mirrored("subscription", subject.subscriptionRef)).toMatchObject({
      status: "active",
    });
  });

  test("without any card needs one, and leaves the invoice open", async () => {
    const subject = await subscriberOf(box, plans.basic);
    const { data } = await box.stripe.paymentMethods.list({ customer: subject.customer });
    for (const { id } of data) await box.stripe.paymentMethods.detach(id);
    await advanceTo(box, subject, "2027-06-01T02:00:00Z");
    const invoiceRef = (await invoicesOf(box, subject)).at(-1)?.id ?? "";

    expect(await commands.payInvoice({ invoiceRef, methodRef: null }, asking())).toMatchObject({
      kind: "needs_person",
      because: "no_method",
      invoiceRef,
    });
  });

  test("that the bank wants approved says so", async () => {
    const subject = await subscriberOf(box, plans.basic);
    await payWith(box, subject.customer, "pm_card_authenticationRequired");
    await advanceTo(box, subject, "2027-06-01T02:00:00Z");
    const invoiceRef = (await invoicesOf(box, subject)).at(-1)?.id ?? "";

    expect(await commands.payInvoice({ invoiceRef, methodRef: null }, asking())).toMatchObject({
      kind: "needs_person",
      because: "authentication",
    });
  });
});

describe("what an administrator grants", () => {
  test.each([
    ["usd", 10_000, 1_234, 1_234],
    ["jpy", 1_000, 123, 123],
    ["isk", 100_000, 123, 12_300],
  ])(
    "in %s goes back, and is credited, in its minor units",
    async (currency, price, minor, written) => {
      const subject = await subscriberOf(box, await priced(box, price, { currency }));
      const { customer } = subject;
      const { data } = await box.stripe.paymentIntents.list({ customer });
      const paymentRef = data[0]?.id ?? "";
      const asked = { paymentRef, amountMinor: minor, reason: "Sorry.", commandId };

      const { ref } = await commands.refund(asked, asking());

      expect(await box.stripe.refunds.retrieve(ref)).toMatchObject({
        amount: written,
        metadata: { command_id: commandId, reason: "Sorry." },
      });
      expect(await mirrored("payment", paymentRef)).toMatchObject({ refundedSoFarMinor: minor });
      const credit = { customerRef: customer, amountMinor: minor, currency, reason: "Sorry." };
      await commands.credit(credit, asking());
      expect(await mirrored("customer", customer)).toMatchObject({
        balanceMinor: minor,
        currency: currency.toUpperCase(),
      });
    },
  );

  test("is refused in Stripe's words where more would go back than came", async () => {
    const { customer } = await subscriberOf(box, plans.basic);
    const { data } = await box.stripe.paymentIntents.list({ customer });
    const asked = { paymentRef: data[0]?.id ?? "", amountMinor: 10_001, reason: "", commandId };

    const failure = await failureOf(commands.refund(asked, asking()));

    expect(failure).toMatchObject({ code: "gateway_refused" });
    expect(failure.message).toMatch(/Stripe says: .*greater than/);
  });
});

describe("billing details", () => {
  const details = {
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
  };
  const belgian = { type: "eu_vat", value: "BE0123456789" };
  const british = { type: "gb_vat", value: "GB123456789" };

  test("are all told, and all taken away", async () => {
    const { customer: customerRef } = await subscriberOf(box, plans.basic);
    const added = { addedTaxIds: [belgian], removedTaxIds: [] };

    await commands.setBillingDetails({ customerRef, details, ...added }, asking());

    expect(await mirrored("customer", customerRef)).toMatchObject({
      ...details,
      taxIds: [belgian],
    });
    const none = { name: null, email: null, address: null };
    const removed = { addedTaxIds: [], removedTaxIds: [belgian] };
    await commands.setBillingDetails({ customerRef, details: none, ...removed }, asking());
    expect(await mirrored("customer", customerRef)).toMatchObject({ ...none, taxIds: [] });
  });

  test("leave a tax id alone that nobody named, such as one that was added elsewhere", async () => {
    const { customer: customerRef } = await subscriberOf(box, plans.basic);
    const set = (addedTaxIds: TaxId[], removedTaxIds: TaxId[]) =>
      commands.setBillingDetails({ customerRef, details, addedTaxIds, removedTaxIds }, asking());
    await set([belgian], []);
    await box.stripe.customers.createTaxId(customerRef, { type: "us_ein", value: "12-3456789" });

    await set([british], [belgian]);

    const after = await mirrored("customer", customerRef);
    const taxIds = "taxIds" in after ? (after.taxIds ?? []) : [];
    expect(taxIds.map(({ value }) => value).sort()).toEqual(["12-3456789", "GB123456789"]);
  });

  test("with a tax id that cannot be one change nothing", async () => {
    const { customer: customerRef } = await subscriberOf(box, plans.basic);
    const wrong = { addedTaxIds: [{ type: "gb_vat", value: "nonsense" }], removedTaxIds: [] };

    const failure = await failureOf(
      commands.setBillingDetails({ customerRef, details, ...wrong }, asking()),
    );

    expect(failure).toMatchObject({ code: "gateway_refused" });
    expect(failure.message).toMatch(/Invalid value for gb_vat/);
    expect(await mirrored("customer", customerRef)).toMatchObject({ name: null, taxIds: [] });
  });
});

test.each(["error", "rateLimit"])("a gateway with the fault %s is unavailable", async (fault) => {
  await box.control("/faults", { calls: { [fault]: 1 } });

  expect(await failureOf(commands.keep("sub_1", asking()))).toMatchObject({
    code: "gateway_unavailable",
  });
});
