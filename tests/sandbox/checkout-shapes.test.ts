import type Stripe from "stripe";
import { expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { type Claimed, eventType, shapeFaults } from "#tests/support/sdk-shapes.ts";

test("checkout and portal sessions have the shapes that the SDK declares, in events too", async () => {
  const box = await startSandbox();
  await live(box);

  const sessions = await json(box, "/v1/checkout/sessions?limit=100&expand[]=data.line_items");
  const events = await json(box, "/v1/events?limit=100");
  const portal = await box.post(
    "/v1/billing_portal/sessions",
    "customer=cus_portal&flow_data[type]=payment_method_update".replace(
      "cus_portal",
      (await box.stripe.customers.create()).id,
    ),
  );
  const claims: Claimed[] = [
    ...sessions.map((session) => ({
      type: "Stripe.Checkout.Session",
      json: session,
      says: "session",
    })),
    ...events
      .filter(({ type }) => /^(checkout|billing_portal)\./.test(type))
      .map((event) => ({ type: eventType(event.type), json: event, says: event.type })),
    { type: "Stripe.BillingPortal.Session", json: portal.json, says: "portal session" },
  ];
  await box.close();

  expect(claims.length).toBeGreaterThan(9);
  expect(await shapeFaults(claims)).toEqual([]);
}, 60_000);

type Body = { type: string };

async function json(box: Box, path: string): Promise<Body[]> {
  const { json: said } = await box.get(path);
  if (typeof said !== "object" || said === null || !("data" in said)) throw new Error("no list");
  const { data } = said;
  return Array.isArray(data) ? data : [];
}

/** Sessions of each mode: open, complete, free, discounted and expired. */
async function live(box: Box): Promise<void> {
  const { stripe } = box;
  const price = (recurring: boolean) =>
    stripe.prices.create({
      currency: "usd",
      unit_amount: 1_000,
      product_data: { name: "Pro" },
      ...(recurring ? { recurring: { interval: "month" } } : {}),
    });
  const [plan, book] = [await price(true), await price(false)];
  const coupon = await stripe.coupons.create({ percent_off: 50, duration: "once" });
  const open = (given: Stripe.Checkout.SessionCreateParams) =>
    stripe.checkout.sessions.create({ success_url: "http://shop.localhost", ...given });
  const subscribing: Stripe.Checkout.SessionCreateParams = {
    mode: "subscription",
    line_items: [{ price: plan.id, quantity: 1 }],
  };
  const buying: Stripe.Checkout.SessionCreateParams = {
    mode: "payment",
    line_items: [{ price: book.id, quantity: 2 }],
  };
  const all = [
    await open({ ...subscribing, discounts: [{ coupon: coupon.id }] }),
    await open({ ...subscribing, subscription_data: { trial_period_days: 7 } }),
    await open({ ...buying, customer_email: "jenny@example.com" }),
    await open({ ...buying, invoice_creation: { enabled: true } }),
    await open({ mode: "setup", currency: "usd" }),
  ];
  for (const { id } of all) {
    await box.post(`/v1/payment_pages/${id}/confirm`, "payment_method=pm_card_visa");
  }
  const { id } = await open(buying);
  await stripe.checkout.sessions.expire(id);
  await open({ ...subscribing, allow_promotion_codes: true });
}
