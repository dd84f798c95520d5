import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  afterPage,
  afterPayment,
  blockersOf,
  type HeldOrder,
  type ProductOffer,
  stateOf,
  totalInWords,
} from "#lib/billing/ordering/rules.ts";

const asked: HeldOrder = {
  id: "ord_1",
  organizationId: "org_1",
  state: "pending",
  currency: "EUR",
  page: "open",
  isPaid: false,
  paymentFailed: false,
  checkoutRef: "cs_1",
  paymentRef: null,
  paymentStatus: null,
  chargedMinor: null,
  refundedMinor: 0,
};
const completed = {
  ref: "cs_1",
  status: "complete",
  isPaid: true,
  paymentFailed: false,
  paymentRef: "pi_1",
} as const;
const paid = {
  ref: "pi_1",
  status: "succeeded",
  amountMinor: 1_000,
  refundedSoFarMinor: 0,
} as const;

describe("an order", () => {
  test.each([
    ["pending while its page is open", {}, "pending"],
    ["pending while a payment on it was declined", { paymentStatus: "failed" }, "pending"],
    ["pending while a payment takes days", { page: "complete" }, "pending"],
    ["completed when its page says paid", { page: "complete", isPaid: true }, "completed"],
    ["completed when its payment succeeded", { paymentStatus: "succeeded" }, "completed"],
    [
      "completed though a part went back",
      { paymentStatus: "succeeded", chargedMinor: 10, refundedMinor: 9 },
      "completed",
    ],
    [
      "refunded when all went back",
      { isPaid: true, paymentStatus: "succeeded", chargedMinor: 10, refundedMinor: 10 },
      "refunded",
    ],
    ["canceled when its page ran out", { page: "expired" }, "canceled"],
    ["canceled when it was never opened", { page: "refused" }, "canceled"],
    [
      "canceled when a payment that takes days failed",
      { page: "complete", paymentFailed: true },
      "canceled",
    ],
    [
      "completed when it cost nothing",
      { page: "complete", isPaid: true, paymentRef: null },
      "completed",
    ],
  ] as const)("is %s", (_, told, state) => {
    expect(stateOf({ ...asked, ...told })).toBe(state);
  });

  test("comes to the same end in whichever order page and payment are heard, however often", () => {
    const partly = { ...paid, refundedSoFarMinor: 400 };
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 6 }),
        fc.shuffledSubarray([true, false], { minLength: 2 }),
        (before, last) => {
          let end = asked;
          for (const isPage of [...before, ...last]) {
            const told = isPage ? afterPage(end, completed) : afterPayment(end, partly);
            if (told) end = { ...end, ...told, state: stateOf(told) };
          }

          const { paymentRef, state, refundedMinor } = end;
          expect({ paymentRef, state, refundedMinor }).toEqual({
            paymentRef: "pi_1",
            state: "completed",
            refundedMinor: 400,
          });
        },
      ),
    );
  });

  test("does not follow an attempt that another payment took the place of", () => {
    const held = { ...asked, ...afterPayment(asked, paid) };

    expect(afterPayment(held, { ...paid, ref: "pi_0", status: "canceled" })).toBeUndefined();
    expect(afterPayment(asked, { ...paid, status: "failed" })).toBeUndefined();
  });

  test("begins anew with a payment that its page names instead", () => {
    const held = { ...asked, ...afterPayment(asked, { ...paid, ref: "pi_0" }) };

    expect(afterPage(held, completed)).toMatchObject({
      paymentRef: "pi_1",
      paymentStatus: null,
      chargedMinor: null,
    });
  });
});

const offer: ProductOffer = {
  productId: "prd_1",
  name: "Credits",
  description: "",
  quantityMax: 1,
  isArchived: false,
  currency: "EUR",
  amountMinor: 1_000,
  priceRef: "price_1",
};

describe("in the way of an order stands", () => {
  const blockers = (
    changes: Partial<ProductOffer> = {},
    gatewayTitle: string | undefined = "Stripe",
  ) => blockersOf({ offer: { ...offer, ...changes }, quantity: 1, gatewayTitle });

  test.each([
    ["a product that is archived", { isArchived: true }, /^Credits is no longer sold/],
    ["another currency", { amountMinor: undefined }, /^Credits is not sold in EUR/],
    [
      "no price at the gateway",
      { priceRef: undefined },
      /^Credits cannot be bought at €10\.00 yet/,
    ],
  ] as const)("%s", (_, changes, sentence) => {
    expect(blockers(changes)).toEqual([expect.stringMatching(sentence)]);
  });

  test("no key, or more than are sold at once; else nothing", () => {
    expect(blockersOf({ offer, quantity: 1, gatewayTitle: undefined })).toEqual([
      expect.stringMatching(/no API key/),
    ]);
    expect(blockersOf({ offer, quantity: 2, gatewayTitle: "Stripe" })).toEqual([
      "Credits is sold one at a time.",
    ]);
    expect(blockers()).toEqual([]);
  });
});

test("what an order costs is said for each and for all", () => {
  const terms = { currency: "EUR", amountMinor: 3_000 };

  expect(totalInWords({ ...terms, quantity: 1 })).toBe("€30.00");
  expect(totalInWords({ ...terms, quantity: 3 })).toBe("3 × €10.00, €30.00 in all");
});
