import { describe, expect, test } from "vitest";
import * as make from "#tests/support/stripe-objects.ts";
import { type Changes, snapshot, without } from "#tests/support/stripe-readings.ts";

const { BEGINNING, MONTH } = make;
const end = new Date((BEGINNING + MONTH) * 1_000);

const itemOf = (changes: Changes) =>
  without(make.subscriptionItem(changes), "current_period_end", "current_period_start");

describe("the period of a subscription", () => {
  test("is on its items since basil, and of several the one that ends first", () => {
    const items = {
      data: [
        make.subscriptionItem({
          id: "si_2",
          current_period_end: BEGINNING + 12 * MONTH,
          current_period_start: 1,
        }),
        make.subscriptionItem(),
      ],
    };

    expect(snapshot("subscription", make.subscription({ items }))).toMatchObject({
      periodStart: new Date(BEGINNING * 1_000),
      periodEnd: end,
    });
  });

  test("was on the subscription itself before", () => {
    const old = make.subscription({
      items: { data: [itemOf({})] },
      current_period_start: BEGINNING,
      current_period_end: BEGINNING + MONTH,
    });

    expect(snapshot("subscription", old)).toMatchObject({
      periodStart: new Date(BEGINNING * 1_000),
      periodEnd: end,
    });
  });
});

describe("the items of a subscription", () => {
  test.each([
    ["a price", { price: { id: "price_7" } }],
    ["a price id", { price: "price_7" }],
    ["a plan, in 2018", { price: undefined, plan: { id: "price_7" } }],
    ["a plan id", { price: undefined, plan: "price_7" }],
  ])("name %s", (_, named) => {
    const items = { data: [make.subscriptionItem({ ...named, quantity: 3 })] };

    expect(snapshot("subscription", make.subscription({ items })).items).toEqual([
      { ref: "si_1", priceRef: "price_7", quantity: 3 },
    ]);
  });

  test("were one plan of the subscription itself in 2017", () => {
    const old = {
      ...without(make.subscription(), "items"),
      plan: { id: "gold", currency: "usd" },
      quantity: 2,
    };

    expect(snapshot("subscription", old).items).toEqual([{ priceRef: "gold", quantity: 2 }]);
  });

  test("count once where the price is metered and has no quantity", () => {
    const items = { data: [make.subscriptionItem({ quantity: undefined })] };

    expect(snapshot("subscription", make.subscription({ items })).items[0]?.quantity).toBe(1);
  });
});

describe("the end of a subscription", () => {
  test("is decided by cancel_at, which the portal sets alone", () => {
    const cancelAt = BEGINNING + 5;

    expect(snapshot("subscription", make.subscription({ cancel_at: cancelAt })).cancelAt).toEqual(
      new Date(cancelAt * 1_000),
    );
  });

  test("is the end of the period where only the flag is set", () => {
    expect(
      snapshot("subscription", make.subscription({ cancel_at_period_end: true })).cancelAt,
    ).toEqual(end);
    expect(snapshot("subscription", make.subscription()).cancelAt).toBeNull();
  });
});

describe("the status of a subscription", () => {
  const status = (changes: Changes, name?: string) =>
    snapshot("subscription", make.subscription(changes), name);

  test("folds incomplete_expired into canceled and keeps Stripe's word", () => {
    expect(status({ status: "incomplete_expired" })).toMatchObject({
      status: "canceled",
      gatewayStatus: "incomplete_expired",
    });
  });

  test("stays active while only the collection is paused", () => {
    expect(status({ pause_collection: { behavior: "void" } }).status).toBe("active");
  });

  test("opens nothing for a word that Stripe invented since, and keeps the word", () => {
    expect(status({ status: "hibernating" })).toMatchObject({
      status: "incomplete",
      gatewayStatus: "hibernating",
    });
    expect(
      status({ status: "dormant", status_details: { paused: { type: "subscription" } } }).status,
    ).toBe("paused");
  });

  test("comes from the event where the body has none", () => {
    expect(status({ status: undefined }, "customer.subscription.resumed").status).toBe("active");
    expect(status({ status: null }).status).toBe("incomplete");
  });
});

describe("a payment", () => {
  test.each([
    [
      "a card",
      { payment_method_details: { type: "card", card: { brand: "visa", last4: "4242" } } },
      "visa •••• 4242",
    ],
    [
      "a source of 2017",
      { payment_method_details: null, source: { object: "card", brand: "Visa", last4: "4242" } },
      "visa •••• 4242",
    ],
    [
      "a direct debit",
      { payment_method_details: { type: "sepa_debit", sepa_debit: { last4: "3000" } } },
      "sepa_debit •••• 3000",
    ],
    ["a wallet", { payment_method_details: { type: "paypal", paypal: {} } }, "paypal"],
    ["nothing known", { payment_method_details: null }, null],
  ])("names %s as people do", (_, changes, method) => {
    const latest = make.charge(changes);

    expect(snapshot("payment", make.paymentIntent({ latest_charge: latest })).method).toBe(method);
  });

  test("reads the charges that an intent embedded until 2022", () => {
    const intent = make.paymentIntent({
      latest_charge: undefined,
      charges: { data: [make.charge({ amount_refunded: 400, disputed: true })] },
      invoice: "in_9",
    });

    expect(snapshot("payment", intent)).toMatchObject({
      refundedSoFarMinor: 400,
      isDisputed: true,
      invoiceRef: "in_9",
    });
  });

  test("without an intent is its charge", () => {
    const charge = make.charge({ payment_intent: null, invoice: "in_9" });

    expect(snapshot("payment", charge, "charge.succeeded")).toMatchObject({
      ref: "ch_1",
      status: "succeeded",
      invoiceRef: "in_9",
    });
  });

  test("is as large as what was received, where only a part was captured", () => {
    expect(snapshot("payment", make.paymentIntent({ amount_received: 1900 })).amountMinor).toBe(
      1900,
    );
  });
});

describe("a dispute", () => {
  test.each([
    ["warning_needs_response", "warning"],
    ["warning_closed", "closed"],
    ["needs_response", "open"],
    ["under_review", "under_review"],
    ["appeal_needs_response", "open"],
    ["appeal_under_review", "under_review"],
    ["prevented", "closed"],
    ["charge_refunded", "closed"],
    ["won", "won"],
    ["lost", "lost"],
    ["something_new", "open"],
  ])("with status %s is %s", (word, status) => {
    expect(snapshot("dispute", make.dispute({ status: word }))).toMatchObject({
      status,
      gatewayStatus: word,
    });
  });

  test("of 2017 names its charge", () => {
    expect(snapshot("dispute", make.dispute({ payment_intent: undefined })).paymentRef).toBe(
      "ch_1",
    );
  });
});

describe("a checkout", () => {
  test.each([
    [
      "lines",
      { line_items: { data: [{ price: { id: "price_1" } }, { price: "price_2" }] } },
      ["price_1", "price_2"],
    ],
    ["display items of 2019", { display_items: [{ plan: { id: "gold" } }] }, ["gold"]],
    ["metadata", { metadata: { price_id: "price_3" } }, ["price_3"]],
    ["nothing", {}, []],
  ])("names what it sold in its %s", (_, changes, priceRefs) => {
    expect(snapshot("checkout", make.checkoutSession(changes)).priceRefs).toEqual(priceRefs);
  });

  test.each(["organization_id", "organizationId", "org_id", "organization", "org"])(
    "claims its organization in metadata as %s, but by its reference first",
    (key) => {
      const metadata = { [key]: "org_7" };

      expect(snapshot("checkout", make.checkoutSession({ metadata })).claim?.organization).toBe(
        "org_7",
      );
      expect(
        snapshot("checkout", make.checkoutSession({ metadata, client_reference_id: "org_1" }))
          .claim,
      ).toEqual({ organization: "org_1", source: "checkout" });
    },
  );

  test("names our plan in its metadata", () => {
    const metadata = { plan: "pro-monthly" };

    expect(snapshot("checkout", make.checkoutSession({ metadata })).planCode).toBe("pro-monthly");
  });

  test("is paid when nothing was due", () => {
    expect(
      snapshot("checkout", make.checkoutSession({ payment_status: "no_payment_required" })).isPaid,
    ).toBe(true);
  });
});

describe("a price", () => {
  test("of tiers or by meter has no amount", () => {
    const tiered = make.price({ billing_scheme: "tiered", unit_amount: null });
    const metered = make.price({ recurring: { interval: "month", usage_type: "metered" } });

    expect(snapshot("price", tiered).amountMinor).toBeNull();
    expect(snapshot("price", metered).amountMinor).toBeNull();
  });

  test("paid once has no interval", () => {
    expect(
      snapshot("price", make.price({ recurring: null, type: "one_time" })).interval,
    ).toBeNull();
  });

  test("of 2018 is a plan with a name", () => {
    const plan = {
      object: "plan",
      id: "gold",
      amount: 999,
      currency: "usd",
      interval: "month",
      name: "Gold",
    };

    expect(snapshot("price", plan, "plan.updated")).toMatchObject({
      amountMinor: 999,
      currency: "USD",
      interval: "month",
      nickname: "Gold",
    });
  });
});

test("texts lose what no database holds", () => {
  const customer = make.customer({ name: "A\u0000da \ud800", email: " \u0000 " });

  expect(snapshot("customer", customer)).toMatchObject({ name: "Ada \ufffd", email: null });
});
