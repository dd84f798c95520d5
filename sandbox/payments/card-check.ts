import type Stripe from "stripe";
import { declined, type StripeError } from "../protocol/errors.ts";
import { seededRandom } from "../state/random.ts";
import { cardByNumber, hasCheckDigit, type TestCard } from "./test-cards.ts";

/** What is written on a card, as it was given. */
export type CardFace = {
  readonly number: string;
  readonly expMonth: number;
  readonly expYear: number;
  readonly cvc?: string | undefined;
};

/** The test card of a face, or Stripe's 402 for what no test card is. */
export function cardOf(face: CardFace, now: number, param: string): TestCard {
  const number = face.number.replaceAll(/[\s-]/g, "");
  if (!hasCheckDigit(number)) {
    throw wrong("incorrect_number", "Your card number is incorrect.", `${param}[number]`);
  }
  checkExpiry(face, now, param);
  if (face.cvc !== undefined && !/^\d{3,4}$/.test(face.cvc)) {
    throw wrong("invalid_cvc", "Your card's security code is invalid.", `${param}[cvc]`);
  }
  const known = cardByNumber(number);
  if (known) return known;
  throw declined(
    {
      code: "card_declined",
      decline_code: "test_mode_live_card",
      message:
        "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid test cards, visit: https://stripe.com/docs/testing.",
      param: "",
    },
    { keepsChanges: false },
  );
}

function checkExpiry({ expMonth, expYear }: CardFace, now: number, param: string): void {
  const today = new Date(now * 1_000);
  const year = today.getUTCFullYear();
  if (expMonth < 1 || expMonth > 12) {
    throw wrong(
      "invalid_expiry_month",
      "Your card's expiration month is invalid.",
      `${param}[exp_month]`,
    );
  }
  if (expYear < year || expYear > year + 50) {
    throw wrong(
      "invalid_expiry_year",
      "Your card's expiration year is invalid.",
      `${param}[exp_year]`,
    );
  }
  if (expYear === year && expMonth < today.getUTCMonth() + 1) {
    throw wrong(
      "invalid_expiry_month",
      "Your card's expiration month is invalid.",
      `${param}[exp_month]`,
    );
  }
}

function wrong(code: string, message: string, param: string): StripeError {
  return declined({ code, message, param }, { keepsChanges: false });
}

/** Names a card without its number: the same for the same number. */
export function fingerprintOf(number: string): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const random = seededRandom(Number(BigInt(number) % 4_294_967_291n));
  return Array.from({ length: 16 }, () => letters[random.below(letters.length)]).join("");
}

/** What the bank said to the address and the code that came with a card. */
export function checksOf(
  cvc: string | undefined,
  address: Stripe.Address | null,
): Stripe.PaymentMethod.Card.Checks {
  return {
    address_line1_check: address?.line1 ? "pass" : null,
    address_postal_code_check: address?.postal_code ? "pass" : null,
    cvc_check: cvc === undefined ? null : "pass",
  };
}
