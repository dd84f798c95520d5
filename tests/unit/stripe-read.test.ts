import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ObjectRef, ObjectType, StoredPayload } from "#lib/gateways/gateway.ts";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import * as make from "#tests/support/stripe-objects.ts";

const { BEGINNING } = make;

type Changes = Record<string, unknown>;

/** An event some seconds after the beginning, as the inbox keeps it. */
function told(after: number, type: string, object: Changes, changes: Changes = {}): StoredPayload {
  return make.stored(make.event(type, object, { created: BEGINNING + after, ...changes }));
}

function read(type: ObjectType, ref: string, ...payloads: StoredPayload[]) {
  return stripe.read({ type, ref }, payloads);
}

const payment = (...payloads: StoredPayload[]) => read("payment", "pi_1", ...payloads);
const waiting = { status: "requires_payment_method", amount_received: 0, latest_charge: null };
const declined = {
  code: "card_declined",
  decline_code: "insufficient_funds",
  message: "No funds.",
};

describe("a subscription is read", () => {
  const subscription = (...payloads: StoredPayload[]) => read("subscription", "sub_1", ...payloads);

  test("from its newest payload, with what it links to", () => {
    const found = subscription(
      told(10, "customer.subscription.updated", make.subscription({ status: "past_due" })),
      told(0, "customer.subscription.created", make.subscription({ status: "incomplete" })),
    );

    expect(found).toMatchObject({
      kind: "subscription",
      status: "past_due",
      customerRef: "cus_1",
      items: [{ priceRef: "price_1", quantity: 1 }],
      asOf: new Date((BEGINNING + 10) * 1_000),
      links: [
        { type: "customer", ref: "cus_1" },
        { type: "invoice", ref: "in_1" },
        { type: "price", ref: "price_1" },
      ],
    });
  });

  test("as canceled, not gone, once it was deleted, whatever a later clock says", () => {
    const found = subscription(
      told(5, "customer.subscription.deleted", make.subscription({ status: "canceled" })),
      told(9, "customer.subscription.updated", make.subscription()),
    );

    expect(found).toMatchObject({ kind: "subscription", status: "canceled" });
  });

  test("in one and the same second as whatever comes after its creation", () => {
    const found = subscription(
      told(0, "customer.subscription.updated", make.subscription()),
      told(0, "customer.subscription.created", make.subscription({ status: "incomplete" })),
    );

    expect(found).toMatchObject({ status: "active" });
  });

  test("from nothing that only a schedule or an upcoming invoice says", () => {
    const schedule = { object: "subscription_schedule", id: "s", subscription: "sub_1" };

    expect(
      subscription(
        told(0, "subscription_schedule.updated", schedule),
        told(0, "invoice.upcoming", make.invoice({ id: undefined })),
      ),
    ).toBeUndefined();
  });

  test("never from another one's payload", () => {
    expect(
      subscription(told(0, "customer.subscription.updated", make.subscription({ id: "sub_2" }))),
    ).toBeUndefined();
  });
});

describe("a payment is read", () => {
  test("from intent, charge and refunds together", () => {
    const found = payment(
      told(0, "payment_intent.succeeded", make.paymentIntent()),
      told(0, "charge.succeeded", make.charge()),
      told(60, "refund.created", make.refund({ amount: 900, created: BEGINNING + 60 })),
    );

    expect(found).toMatchObject({
      kind: "payment",
      status: "succeeded",
      amountMinor: 2900,
      refundedSoFarMinor: 900,
      method: "visa •••• 4242",
      currency: "EUR",
      asOf: new Date((BEGINNING + 60) * 1_000),
    });
  });

  test("as succeeded from a charge alone, and from a charge that knows more than its intent", () => {
    const charge = told(5, "charge.succeeded", make.charge());

    expect(payment(charge)).toMatchObject({ status: "succeeded" });
    expect(
      payment(charge, told(0, "payment_intent.created", make.paymentIntent(waiting))),
    ).toMatchObject({ status: "succeeded" });
  });

  test("as failed with the bank's reason, and as succeeded after the next attempt", () => {
    const failed = told(
      5,
      "payment_intent.payment_failed",
      make.paymentIntent({ ...waiting, last_payment_error: declined }),
    );

    expect(payment(failed)).toMatchObject({
      status: "failed",
      failureCode: "insufficient_funds",
      failureMessage: "No funds.",
    });
    expect(
      payment(
        failed,
        told(5, "charge.failed", make.charge({ id: "ch_0", status: "failed", captured: false })),
        told(9, "payment_intent.succeeded", make.paymentIntent()),
      ),
    ).toMatchObject({ status: "succeeded", failureCode: null, failureMessage: null });
  });

  test("under the alias payment_intent.failed like under the true name", () => {
    expect(payment(told(0, "payment_intent.failed", make.paymentIntent(waiting)))).toMatchObject({
      status: "failed",
    });
  });

  test.each([
    ["processing", "pending"],
    ["requires_capture", "authorized"],
    ["requires_action", "requires_action"],
    ["requires_source_action", "requires_action"],
    ["canceled", "canceled"],
    ["requires_confirmation", "pending"],
    ["something_new", "pending"],
  ])("with status %s as %s", (status, ours) => {
    const intent = make.paymentIntent({ status, latest_charge: null });

    expect(payment(told(0, "payment_intent.updated", intent))).toMatchObject({ status: ours });
  });

  test("as authorized while its charge is not captured", () => {
    expect(
      payment(told(0, "charge.succeeded", make.charge({ captured: false, amount_captured: 0 }))),
    ).toMatchObject({ status: "authorized" });
  });

  test("from nothing where only a refund is known", () => {
    expect(payment(told(0, "refund.created", make.refund()))).toBeUndefined();
  });

  describe("with what went back", () => {
    const intent = told(0, "payment_intent.succeeded", make.paymentIntent());
    const part = { amount: 900, created: BEGINNING + 60 };
    const refunded = (...payloads: StoredPayload[]) => {
      const found = payment(intent, ...payloads);
      return found?.kind === "payment" ? found.refundedSoFarMinor : undefined;
    };

    test("counted once, though charge and refund tell it in the same second", () => {
      expect(
        refunded(
          told(60, "charge.refunded", make.charge({ amount_refunded: 900 })),
          told(60, "refund.created", make.refund(part)),
        ),
      ).toBe(900);
    });

    test("summed over refunds that the charge did not know yet", () => {
      expect(
        refunded(
          told(60, "charge.refunded", make.charge({ amount_refunded: 900 })),
          told(
            90,
            "refund.created",
            make.refund({ id: "re_2", amount: 500, created: BEGINNING + 90 }),
          ),
        ),
      ).toBe(1400);
    });

    test("taken back when the refund fails later", () => {
      expect(
        refunded(
          told(60, "charge.refunded", make.charge({ amount_refunded: 900 })),
          told(60, "refund.created", make.refund(part)),
          told(999, "refund.failed", make.refund({ ...part, status: "failed" })),
        ),
      ).toBe(0);
    });

    test("never above what was taken", () => {
      expect(refunded(told(60, "charge.refunded", make.charge({ amount_refunded: 9_999 })))).toBe(
        2900,
      );
    });
  });
});

describe("an invoice is read", () => {
  test("as void after open, and as gone when the draft was deleted", () => {
    const open = told(0, "invoice.finalized", make.invoice({ status: "open" }));

    expect(
      read("invoice", "in_1", open, told(5, "invoice.voided", make.invoice({ status: "void" }))),
    ).toMatchObject({ kind: "invoice", status: "void" });
    expect(
      read("invoice", "in_1", open, told(5, "invoice.deleted", make.invoice({ status: "draft" }))),
    ).toEqual({ kind: "gone", ref: "in_1" });
  });

  test("as paid though an older failure arrives last", () => {
    expect(
      read(
        "invoice",
        "in_1",
        told(9, "invoice.paid", make.invoice()),
        told(5, "invoice.payment_failed", make.invoice({ status: "open", amount_paid: 0 })),
      ),
    ).toMatchObject({ status: "paid", amountPaidMinor: 2900, amountRemainingMinor: 0 });
  });

  test("from nothing that only its payment says", () => {
    expect(
      read("invoice", "in_1", told(0, "invoice_payment.paid", make.invoicePayment())),
    ).toBeUndefined();
  });
});

describe("what was deleted is gone", () => {
  test.each<[ObjectType, string, string, Changes]>([
    ["customer", "cus_1", "customer.deleted", make.customer()],
    ["product", "prod_1", "product.deleted", make.product()],
    ["price", "price_1", "price.deleted", make.price()],
    ["price", "gold", "plan.deleted", { object: "plan", id: "gold", amount: 1 }],
  ])("for a %s", (type, ref, name, object) => {
    expect(read(type, ref, told(5, name, object))).toEqual({ kind: "gone", ref });
  });

  test("until a plan of the same id is made anew", () => {
    const plan = { object: "plan", id: "gold", amount: 500, currency: "usd", interval: "month" };

    expect(
      read("price", "gold", told(5, "plan.deleted", plan), told(60, "plan.created", plan)),
    ).toMatchObject({ kind: "price", amountMinor: 500, interval: "month" });
  });
});

describe("the rest is read", () => {
  test("for a customer only from its own payloads", () => {
    const method = { object: "payment_method", id: "pm_1", customer: "cus_1" };

    expect(read("customer", "cus_1", told(0, "payment_method.attached", method))).toBeUndefined();
    expect(
      read(
        "customer",
        "cus_1",
        told(0, "customer.created", make.customer({ metadata: { org_id: "org_7" } })),
      ),
    ).toMatchObject({
      email: "owner@example.com",
      claim: { organization: "org_7", source: "customer_metadata" },
    });
  });

  test("for a checkout of four members, without price, status or mode", () => {
    const found = read(
      "checkout",
      "cs_1",
      told(0, "checkout.session.completed", {
        id: "cs_1",
        customer: "cus_1",
        subscription: "sub_1",
        client_reference_id: "org_1",
      }),
    );

    expect(found).toMatchObject({
      purpose: "subscription",
      status: "complete",
      isPaid: true,
      paymentFailed: false,
      claim: { organization: "org_1", source: "checkout" },
      priceRefs: [],
      planCode: null,
    });
  });

  test("for a checkout whose delayed payment failed, then for one that succeeded", () => {
    const unpaid = make.checkoutSession({ payment_status: "unpaid" });
    const completed = told(0, "checkout.session.completed", unpaid);

    expect(read("checkout", "cs_test_1", completed)).toMatchObject({ isPaid: false });
    expect(
      read(
        "checkout",
        "cs_test_1",
        completed,
        told(9, "checkout.session.async_payment_failed", unpaid),
      ),
    ).toMatchObject({ status: "complete", isPaid: false, paymentFailed: true });
    expect(
      read(
        "checkout",
        "cs_test_1",
        completed,
        told(9, "checkout.session.async_payment_succeeded", make.checkoutSession()),
      ),
    ).toMatchObject({ isPaid: true, paymentFailed: false });
  });

  test("for a price told twice from the newer telling, with the lookup key of either", () => {
    const plan = { object: "plan", id: "price_1", amount: 3100, currency: "eur", interval: "year" };

    expect(
      read(
        "price",
        "price_1",
        told(0, "price.created", make.price({ lookup_key: "pro" })),
        told(9, "plan.updated", plan),
      ),
    ).toMatchObject({ amountMinor: 3100, interval: "year", lookupKey: "pro" });
  });

  test("for a dispute with the payment that it is about", () => {
    expect(
      read("dispute", "dp_1", told(0, "charge.dispute.created", make.dispute())),
    ).toMatchObject({
      status: "open",
      paymentRef: "pi_1",
      links: [{ type: "payment", ref: "pi_1" }],
    });
  });
});

describe("a reading", () => {
  const stories: [ObjectRef, StoredPayload[]][] = [
    [
      { type: "payment", ref: "pi_1" },
      [
        told(0, "payment_intent.created", make.paymentIntent(waiting)),
        told(
          0,
          "payment_intent.payment_failed",
          make.paymentIntent({ ...waiting, last_payment_error: declined }),
        ),
        told(0, "charge.failed", make.charge({ id: "ch_0", status: "failed", captured: false })),
        told(2, "charge.succeeded", make.charge()),
        told(2, "payment_intent.succeeded", make.paymentIntent()),
        told(60, "charge.refunded", make.charge({ amount_refunded: 900 })),
        told(60, "refund.created", make.refund({ amount: 900, created: BEGINNING + 60 })),
        told(
          61,
          "refund.created",
          make.refund({ id: "re_2", amount: 100, created: BEGINNING + 61 }),
        ),
        told(
          90,
          "refund.failed",
          make.refund({ amount: 900, created: BEGINNING + 60, status: "failed" }),
        ),
      ],
    ],
    [
      { type: "subscription", ref: "sub_1" },
      [
        told(0, "customer.subscription.created", make.subscription({ status: "incomplete" })),
        told(0, "customer.subscription.updated", make.subscription()),
        told(0, "customer.subscription.updated", make.subscription({ cancel_at_period_end: true })),
        told(7, "customer.subscription.deleted", make.subscription({ status: "canceled" })),
        told(7, "customer.subscription.updated", make.subscription({ status: "past_due" })),
        told(8, "invoice.upcoming", make.invoice({ id: undefined })),
      ],
    ],
    [
      { type: "price", ref: "gold" },
      [
        told(0, "plan.created", { object: "plan", id: "gold", amount: 1 }),
        told(0, "price.created", make.price({ id: "gold" })),
        told(5, "plan.deleted", { object: "plan", id: "gold", amount: 1 }),
        told(5, "price.deleted", make.price({ id: "gold" })),
        told(9, "plan.created", { object: "plan", id: "gold", amount: 2 }),
      ],
    ],
  ];

  test("is the same for any order and any repetition of its payloads", () => {
    for (const [root, payloads] of stories) {
      const expected = stripe.read(root, payloads);
      fc.assert(
        fc.property(
          fc.shuffledSubarray([...payloads, ...payloads], { minLength: payloads.length * 2 }),
          (shuffled) => {
            expect(stripe.read(root, shuffled)).toEqual(expected);
          },
        ),
      );
    }
  });

  test("of whatever JSON either gives a snapshot or nothing, or refuses an amount in a sentence", () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(null, true, false, "sub_1", "active", "eur", -1, 2 ** 53),
        fc.string({ unit: "binary" }),
        fc.double(),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom("id", "object", "data", "price", "card", "type"),
          tie("value"),
        ),
      ),
    })).value;
    const bases: [ObjectRef, string, Changes][] = [
      [
        { type: "subscription", ref: "sub_1" },
        "customer.subscription.updated",
        make.subscription(),
      ],
      [{ type: "invoice", ref: "in_1" }, "invoice.updated", make.invoice()],
      [{ type: "payment", ref: "pi_1" }, "payment_intent.updated", make.paymentIntent()],
      [{ type: "payment", ref: "pi_1" }, "charge.updated", make.charge()],
      [{ type: "dispute", ref: "dp_1" }, "charge.dispute.updated", make.dispute()],
      [
        { type: "checkout", ref: "cs_test_1" },
        "checkout.session.completed",
        make.checkoutSession(),
      ],
      [{ type: "customer", ref: "cus_1" }, "customer.updated", make.customer()],
      [{ type: "price", ref: "price_1" }, "price.updated", make.price()],
      [{ type: "product", ref: "prod_1" }, "product.updated", make.product()],
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...bases),
        fc.infiniteStream(fc.option(value, { nil: undefined, freq: 2 })),
        ([root, type, object], noise) => {
          const spoilt = Object.fromEntries(
            Object.entries(object).map(([name, kept]) => {
              const other = noise.next().value;
              return [
                name,
                other === undefined || name === "id" || name === "object" ? kept : other,
              ];
            }),
          );
          const payload = told(0, type, { ...spoilt, ...ownRoot(object) });
          expect(outcome(root, payload)).toMatch(/^(?:a snapshot|nothing|not a whole number)$/);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

/** Keeps a charge about its payment, whatever else is spoilt. */
function ownRoot(object: Changes): Changes {
  return object.object === "charge" ? { payment_intent: object.payment_intent } : {};
}

function outcome(root: ObjectRef, payload: StoredPayload): string {
  try {
    const found = stripe.read(root, [payload]);
    // What no PostgreSQL text or timestamp holds must not be in a snapshot.
    if (/\\u0000|\\ud[89a-f]/i.test(JSON.stringify(found) ?? ""))
      return "text that no database holds";
    return found ? "a snapshot" : "nothing";
  } catch (error) {
    return String(error).includes("not a whole number") ? "not a whole number" : String(error);
  }
}
