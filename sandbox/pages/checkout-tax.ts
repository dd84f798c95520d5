import { html } from "hono/html";
import type Stripe from "stripe";
import { RATES_BY_COUNTRY } from "../billing/automatic-tax.ts";
import type { Box } from "../box.ts";
import { enterCountry } from "../checkout/country.ts";
import type { Totals } from "../checkout/totals.ts";
import type { Html } from "./document.ts";
import { act, type Faults, type Sent } from "./form.ts";
import { attribute, flag } from "./pieces.ts";
import { money } from "./words.ts";

type Session = Stripe.Checkout.Session;

/** What a session comes to: what is taken off, what tax adds, and what it has in it. */
export function checkoutSums({ subtotal, discount, tax, total, currency }: Totals): Html {
  const row = (words: string, amount: number, sign = "") =>
    html`<div><dt>${words}</dt><dd class="money">${sign}${money(amount, currency)}</dd></div>`;
  const added = total - subtotal + discount;
  const included = tax - added;
  return html`<dl class="sums">
    ${discount > 0 || added > 0 ? row("Subtotal", subtotal) : ""}
    ${discount > 0 ? row("Discount", discount, "−") : ""}
    ${added > 0 ? row("Tax", added) : ""}
    <div class="total">
      <dt>Due today</dt>
      <dd class="money">${money(total, currency)}</dd>
    </div>
    ${included > 0 ? row("Includes tax of", included) : ""}
  </dl>`;
}

/** Countries that can be chosen: those with tax, and some without. */
const COUNTRIES = [...Object.keys(RATES_BY_COUNTRY), "BR", "CA", "IN", "NO", "US"].toSorted();

const names = new Intl.DisplayNames("en", { type: "region" });

/** Where the customer is, by which their tax is worked out. */
export function countryField(known: string | null, sent: Sent, faults: Faults): Html {
  const chosen = sent.country ?? known ?? "";
  return html`<div class="field">
    <label for="country">Country</label>
    <select
      id="country"
      name="country"
      autocomplete="country"
      ${attribute("aria-invalid", faults.country && "true")}
      ${attribute("aria-describedby", faults.country && "country-error")}
    >
      <option value="">Choose a country</option>
      ${[...new Set([...COUNTRIES, ...(known === null ? [] : [known])])].map(
        (code) =>
          html`<option value="${code}" ${flag("selected", code === chosen)}>${names.of(code)}</option>`,
      )}
    </select>
    ${faults.country ? html`<p class="error" id="country-error">${faults.country}</p>` : ""}
  </div>`;
}

/** Said where the country that was entered makes the session cost something else. */
export const COSTS_OTHERWISE =
  "Nothing was charged yet: tax for your country is part of the total now. Check it and go on.";

/** The session with the country of the form, or what is wrong with that. */
export function countryFrom(
  box: Box,
  session: Session,
  sent: Sent,
): { session: Session } | { fault: string } {
  const country = sent.country?.trim() ?? "";
  if (!/^[A-Z]{2}$/.test(country)) return { fault: "Choose the country that you are in." };
  return { session: act(box, () => enterCountry(box.world, session, country)) };
}
