import { html } from "hono/html";
import { hasCheckDigit } from "../payments/test-cards.ts";
import type { Html } from "./document.ts";
import type { Faults, Sent } from "./form.ts";
import { attribute, field } from "./pieces.ts";

/** The test cards that the pages offer, with what each of them does. */
export const TEST_CARDS: readonly (readonly [number: string, meaning: string])[] = [
  ["4242424242424242", "Succeeds"],
  ["4000000000000002", "Is declined"],
  ["4000000000009995", "Is declined: insufficient funds"],
  ["4000002500003155", "Asks for 3-D Secure once, then renews by itself"],
  ["4000002760003184", "Asks for 3-D Secure every time"],
  ["4000000000000341", "Can be saved, then every charge fails"],
  ["4000000000000259", "Succeeds, then is disputed"],
  ["4000000000001976", "Succeeds, then the bank inquires"],
];

const EXPIRY = "12 / 34";
const CVC = "123";

/** Number, expiry and CVC. */
export function cardFields(sent: Sent, faults: Faults): Html {
  return html`${field({
    name: "number",
    label: "Card number",
    value: sent.number ?? "",
    error: faults.number,
    inputmode: "numeric",
    autocomplete: "cc-number",
    placeholder: "4242 4242 4242 4242",
    required: true,
  })}
    <div class="pair">
      ${field({
        name: "expiry",
        label: "Expiry (MM / YY)",
        value: sent.expiry ?? "",
        error: faults.expiry,
        inputmode: "numeric",
        autocomplete: "cc-exp",
        placeholder: "12 / 34",
        required: true,
      })}
      ${field({
        name: "cvc",
        label: "CVC",
        value: sent.cvc ?? "",
        error: faults.cvc,
        inputmode: "numeric",
        autocomplete: "cc-csc",
        placeholder: "123",
        required: true,
      })}
    </div>`;
}

/**
 * Buttons that fill in the test cards. A form of its own, above the one with the fields: the Enter key in
 * a field presses the first button of its form, and that must not be one of these.
 */
export function testCards(): Html {
  return html`<form method="post"><details>
    <summary class="button">Fill in a test card</summary>
    <div class="cards" role="group" aria-label="Test cards">
      ${TEST_CARDS.map(
        ([number, meaning]) =>
          html`<button
            name="fill"
            value="${number}"
            data-card="${grouped(number)}"
            data-expiry="${EXPIRY}"
            data-cvc="${CVC}"
          >
            <span>${meaning}</span> <span class="number">${grouped(number)}</span>
          </button>`,
      )}
    </div>
  </details></form>`;
}

/** Without a script, a test card's button sends the form: it comes back filled in. */
export function filled(sent: Sent): Sent | undefined {
  if (!sent.fill) return undefined;
  return { ...sent, number: grouped(sent.fill), expiry: EXPIRY, cvc: CVC };
}

export type CardRead = { number: string; expMonth: number; expYear: number; cvc: string };

/** The card of a form, or what is wrong with which field. `now` in seconds. */
export function readCard(sent: Sent, now: number): { card: CardRead } | { faults: Faults } {
  const number = (sent.number ?? "").replaceAll(/\D/g, "");
  const expiry = /^\s*(\d{1,2})\s*[/-]?\s*(?:20)?(\d{2})\s*$/.exec(sent.expiry ?? "");
  const cvc = (sent.cvc ?? "").trim();
  const expMonth = Number(expiry?.[1] ?? 0);
  const expYear = 2_000 + Number(expiry?.[2] ?? 0);
  const faults: Record<string, string> = {};
  if (!hasCheckDigit(number)) faults.number = "Enter a card number, such as 4242 4242 4242 4242.";
  if (expMonth < 1 || expMonth > 12) faults.expiry = "Enter a month and a year, such as 12 / 34.";
  else if (Date.UTC(expYear, expMonth) / 1_000 <= now) faults.expiry = "This card has expired.";
  if (!/^\d{3,4}$/.test(cvc)) faults.cvc = "Enter three or four digits.";
  if (Object.keys(faults).length > 0) return { faults };
  return { card: { number, expMonth, expYear, cvc } };
}

function grouped(number: string): string {
  return number.replaceAll(/(\d{4})(?=\d)/g, "$1 ");
}

/** The hidden part of a form that says which of several it is. */
export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" ${attribute("value", value)} />`;
}
