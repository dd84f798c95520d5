import { invalid } from "../protocol/errors.ts";
import { amountInWords } from "./words.ts";

/** Stripe's smallest charges *(memory)*; half of the unit where nothing is said. */
const MINIMA: ReadonlyMap<string, number> = new Map([
  ["aed", 200],
  ["bgn", 100],
  ["czk", 1_500],
  ["dkk", 250],
  ["gbp", 30],
  ["hkd", 400],
  ["huf", 17_500],
  ["mxn", 1_000],
  ["myr", 200],
  ["nok", 300],
  ["pln", 200],
  ["ron", 200],
  ["sek", 300],
  ["thb", 1_000],
]);
const USUAL_MINIMUM = 50;
const MAXIMUM = 99_999_999;

/** Refuses what Stripe would not charge. */
export function checkAmount(amountMinor: number, currency: string): void {
  const minimum = MINIMA.get(currency) ?? USUAL_MINIMUM;
  if (amountMinor === 0) {
    throw invalid("This value must be greater than or equal to 1.", {
      code: "parameter_invalid_integer",
      param: "amount",
    });
  }
  if (amountMinor < minimum) {
    throw invalid(`Amount must be at least ${amountInWords(minimum, currency)} ${currency}`, {
      code: "amount_too_small",
      param: "amount",
    });
  }
  if (amountMinor > MAXIMUM) {
    throw invalid(`Amount must be no more than ${amountInWords(MAXIMUM, currency)}`, {
      code: "amount_too_large",
      param: "amount",
    });
  }
}
