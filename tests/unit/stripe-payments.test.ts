import { describe, expect, test } from "vitest";
import type { StoredPayload } from "#lib/gateways/gateway.ts";
import * as make from "#tests/support/stripe-objects.ts";
import { read, told } from "#tests/support/stripe-readings.ts";

const payment = (...payloads: StoredPayload[]) => read("payment", "pi_1", ...payloads);
const waiting = { status: "requires_payment_method", amount_received: 0, latest_charge: null };
const declined = {
  code: "card_declined",
  decline_code: "insufficient_funds",
  message: "No funds.",
};

describe("a payment is read", () => {
  test("from intent, charge and refunds together", () => {
    const found = payment(
      told(0, "payment_intent.succeeded", make.paymentIntent()),
      told(0, "charge.succeeded", make.charge()),
      told(60, "refund.created", make.refund({ amount: 900, created: make.BEGINNING + 60 })),
    );

    expect(found).toMatchObject({
      kind: "payment",
      status: "succeeded",
      amountMinor: 2900,
      refundedSoFarMinor: 900,
      method: "visa •••• 4242",
      currency: "EUR",
      asOf: new Date((make.BEGINNING + 60) * 1_000),
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
    const part = { amount: 900, created: make.BEGINNING + 60 };
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
            make.refund({ id: "re_2", amount: 500, created: make.BEGINNING + 90 }),
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
