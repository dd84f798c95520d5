import type Stripe from "stripe";
import type { Box } from "#tests/support/sandbox.ts";

/** Where checkouts of tests lead to. */
export const SUCCESS = "http://shop.localhost/done?cs={CHECKOUT_SESSION_ID}";

type Plan = { amount?: number; interval?: "month" | "year"; currency?: string };

/** What tests of a sandbox's checkout do: open sessions, send their pages' forms, and read what was told. */
export function checkoutOf(box: Box) {
  const { stripe } = box;

  async function monthly({ amount = 2_000, interval = "month", currency = "usd" }: Plan = {}) {
    return stripe.prices.create({
      currency,
      unit_amount: amount,
      recurring: { interval },
      product_data: { name: "Pro" },
    });
  }

  async function once(amount = 1_500) {
    return stripe.prices.create({
      currency: "usd",
      unit_amount: amount,
      product_data: { name: "Book" },
    });
  }

  async function subscribing(given: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
    const price = await monthly();
    return stripe.checkout.sessions.create({
      mode: "subscription",
      line_items: [{ price: price.id, quantity: 1 }],
      success_url: SUCCESS,
      ...given,
    });
  }

  async function buying(given: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
    const price = await once();
    return stripe.checkout.sessions.create({
      mode: "payment",
      line_items: [{ price: price.id, quantity: 2 }],
      success_url: SUCCESS,
      ...given,
    });
  }

  /** Sends the page's form, as a browser would. */
  async function pay(session: { id: string }, number = "4242424242424242", form = {}) {
    const fields = { number, expiry: "12 / 40", cvc: "123", name: "Jenny Rosen", ...form };
    const answer = await fetch(`${box.url}/_pages/checkout/${session.id}`, {
      method: "POST",
      body: new URLSearchParams({ email: "jenny@example.com", ...fields }),
      redirect: "manual",
    });
    return { location: answer.headers.get("location") ?? "", text: await answer.text() };
  }

  async function answerBank(location: string, answer: "approve" | "refuse") {
    const said = await fetch(`${box.url}${location}`, {
      method: "POST",
      body: new URLSearchParams({ answer }),
      redirect: "manual",
    });
    return said.headers.get("location") ?? "";
  }

  /** Types of all events so far, oldest first. */
  async function told() {
    const { data } = await stripe.events.list({ limit: 100 });
    return data.map(({ type }) => type).toReversed();
  }

  async function toldSince(before: readonly string[]) {
    return (await told()).slice(before.length);
  }

  return { monthly, once, subscribing, buying, pay, answerBank, told, toldSince };
}
