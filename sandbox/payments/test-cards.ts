import type { CardBehaviour } from "./card.ts";

/** A card of Stripe's table: what it looks like and what it does. */
export type TestCard = {
  readonly number: string;
  /** As in `tok_visa` and `pm_card_visa`. */
  readonly names: readonly string[];
  readonly brand: string;
  readonly funding: "credit" | "debit" | "prepaid";
  readonly country: string;
  readonly behaviour: CardBehaviour;
};

type Looks = Partial<Pick<TestCard, "brand" | "funding" | "country">>;

/** Stripe's table of test cards *(from memory, but for those that the CLI uses)*. */
const TEST_CARDS: readonly TestCard[] = [
  card("4242424242424242", "visa"),
  card("4000056655665556", "visa_debit", "succeeds", { funding: "debit" }),
  card("5555555555554444", "mastercard", "succeeds", { brand: "mastercard" }),
  card("2223003122003222", "mastercard_2_series", "succeeds", { brand: "mastercard" }),
  card("5200828282828210", "mastercard_debit", "succeeds", {
    brand: "mastercard",
    funding: "debit",
  }),
  card("5105105105105100", "mastercard_prepaid", "succeeds", {
    brand: "mastercard",
    funding: "prepaid",
  }),
  card("378282246310005", "amex", "succeeds", { brand: "amex" }),
  card("371449635398431", "amex_2", "succeeds", { brand: "amex" }),
  card("6011111111111117", "discover", "succeeds", { brand: "discover" }),
  card("3056930009020004", "diners", "succeeds", { brand: "diners" }),
  card("3566002020360505", "jcb", "succeeds", { brand: "jcb" }),
  card("6200000000000005", "unionpay", "succeeds", { brand: "unionpay" }),
  card("4000002760000016", "de", "succeeds", { country: "DE" }),
  card("4000002500001001", "fr", "succeeds", { country: "FR" }),
  card("4000008260000000", "gb", "succeeds", { country: "GB" }),
  card("4000000000000077", "bypassPending", "is_available_at_once"),
  card("4000000000000002", "chargeDeclined", "declines"),
  card("4000000000009995", "chargeDeclinedInsufficientFunds", "declines_insufficient_funds"),
  card("4000000000009987", "chargeDeclinedLostCard", "declines_lost_card"),
  card("4000000000009979", "chargeDeclinedStolenCard", "declines_stolen_card"),
  card("4000000000000069", "chargeDeclinedExpiredCard", "declines_expired_card"),
  card("4000000000000127", "chargeDeclinedIncorrectCvc", "declines_incorrect_cvc"),
  card("4000000000000119", "chargeDeclinedProcessingError", "declines_processing_error"),
  card("4000000000000341", "chargeCustomerFail", "attaches_then_fails"),
  card("4000002500003155", "authenticationRequiredOnSetup", "asks_until_authenticated"),
  card("4000002760003184", "authenticationRequired", "asks_always", { country: "DE" }),
  card("4000000000003220", "threeDSecure2Required", "asks_always"),
  card("4000000000003063", "threeDSecureRequired", "asks_always"),
  card(
    "4000008260003178",
    "authenticationRequiredChargeDeclinedInsufficientFunds",
    "asks_then_insufficient_funds",
    { country: "GB" },
  ),
  card("4000000000000259", "createDispute", "is_disputed"),
  card("4000000000002685", "createDisputeProductNotReceived", "is_disputed_not_received"),
  card("4000000000001976", "createDisputeInquiry", "is_inquired"),
  card("4000000000007726", "pendingRefund", "refunds_wait"),
  card("4000000000005126", "refundFail", "refunds_fail"),
];

function card(
  number: string,
  name: string,
  behaviour: CardBehaviour = "succeeds",
  { brand = "visa", funding = "credit", country = "US" }: Looks = {},
): TestCard {
  const names = brand === "visa" ? [name, `visa_${name}`] : [name];
  return { number, names, brand, funding, country, behaviour };
}

const BY_NUMBER = new Map(TEST_CARDS.map((known) => [known.number, known]));
const BY_NAME = new Map(TEST_CARDS.flatMap((known) => known.names.map((name) => [name, known])));

export function cardByNumber(number: string): TestCard | undefined {
  return BY_NUMBER.get(number);
}

/** The card of a test name, such as `tok_visa` or `pm_card_visa`. */
export function cardByName(name: string): TestCard | undefined {
  const [, short = ""] = /^(?:tok_|pm_card_)(\w+)$/.exec(name) ?? [];
  return BY_NAME.get(short);
}

/** Whether digits could be a card's, by the check digit that all cards have. */
export function hasCheckDigit(number: string): boolean {
  if (!/^\d{12,19}$/.test(number)) return false;
  const sum = [...number].toReversed().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
