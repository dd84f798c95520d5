import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ObjectRef, StoredPayload } from "#lib/gateways/gateway.ts";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import * as make from "#tests/support/stripe-objects.ts";
import { type Changes, told } from "#tests/support/stripe-readings.ts";

const { BEGINNING } = make;
const waiting = { status: "requires_payment_method", amount_received: 0, latest_charge: null };
const declined = {
  code: "card_declined",
  decline_code: "insufficient_funds",
  message: "No funds.",
};

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
          expect(outcome(root, payload)).toMatch(/^(?:a snapshot|nothing|a refused amount)$/);
        },
      ),
      { numRuns: 300 },
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
    const isAmount = /not a whole number|never below zero/.test(String(error));
    return isAmount ? "a refused amount" : String(error);
  }
}
