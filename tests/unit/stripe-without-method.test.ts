import Stripe from "stripe";
import { describe, expect, test } from "vitest";
import { isWithoutMethod } from "#lib/gateways/stripe/ask/call.ts";

/** An error as the SDK makes it of Stripe's answer. */
function said(statusCode: number, more: { code?: string; param?: string; message?: string }) {
  const type = statusCode === 402 ? "card_error" : "invalid_request_error";
  return Stripe.errors.StripeError.generate({ type, statusCode, message: "", ...more });
}

describe("nothing to pay with", () => {
  test.each([
    ["something missing that no parameter names", 400, { code: "resource_missing" }],
    ["a card that is missing", 402, { code: "missing", param: "card" }],
    [
      "Stripe's sentence about an invoice, which has no code",
      400,
      { message: "There is no `default_payment_method` set on this Customer or Invoice." },
    ],
    [
      "its sentence about a customer, from before it had a code",
      400,
      { message: "This customer has no attached payment source" },
    ],
  ])("is told by %s", (_, status, error) => {
    expect(isWithoutMethod(said(status, error))).toBe(true);
  });

  test.each([
    ["a price that is unknown", 400, { code: "resource_missing", param: "items[0][price]" }],
    ["an object that is unknown", 404, { code: "resource_missing", param: "id" }],
    ["a card that is declined", 402, { code: "card_declined" }],
    ["any other refusal", 400, { code: "parameter_invalid_integer", param: "quantity" }],
  ])("is not told by %s", (_, status, error) => {
    expect(isWithoutMethod(said(status, error))).toBe(false);
  });

  test("is nothing that another failure says", () => {
    expect(isWithoutMethod(new Error("no attached payment source"))).toBe(false);
  });
});
