import type Stripe from "stripe";
import type { Box } from "./sandbox.ts";
import { taxedBy } from "./sandbox-billing.ts";
import { advanceTo, onlyItem, payerAt, payWith, priced } from "./sandbox-subscriptions.ts";

/** All that can become of subscriptions, over some months of clocks of their own. */
export async function subscribe(box: Box): Promise<void> {
  await subscribeAndOwe(box);
  await planAhead(box);
}

/** One who pays in the end what an update waits for, and whose schedule comes to its end. */
async function planAhead(box: Box): Promise<void> {
  const { stripe } = box;
  const payer = await payerAt(box, "2027-05-01");
  const { customer } = payer;
  const [small, large] = [await priced(box, 1_000), await priced(box, 3_000)];
  const subscription = await stripe.subscriptions.create({ customer, items: [{ price: small }] });
  await payWith(box, customer, "pm_card_chargeCustomerFail");
  const { latest_invoice } = await stripe.subscriptions.update(subscription.id, {
    items: [{ id: onlyItem(subscription).id, price: large }],
    payment_behavior: "pending_if_incomplete",
    proration_behavior: "always_invoice",
  });
  const payment_method = await payWith(box, customer, "pm_card_visa");
  await stripe.invoices.pay(String(latest_invoice), { payment_method });
  const vat = await taxedBy(box);
  const taxed = await stripe.subscriptions.create({
    customer,
    items: [{ price: small, tax_rates: [vat] }],
    default_tax_rates: [vat],
  });
  await stripe.subscriptions.update(taxed.id, {
    items: [{ id: onlyItem(taxed).id, price: large }],
    proration_behavior: "create_prorations",
  });
  await stripe.subscriptionSchedules.create({ from_subscription: taxed.id });
  await stripe.subscriptionSchedules.create({
    customer,
    end_behavior: "cancel",
    phases: [{ items: [{ price: small }], duration: { interval: "month", interval_count: 1 } }],
    start_date: "now",
  });
  await advanceTo(box, payer, "2027-06-02");
}

async function subscribeAndOwe(box: Box): Promise<void> {
  const { stripe } = box;
  const payer = await payerAt(box, "2027-05-01");
  const { customer } = payer;
  const [small, large] = [await priced(box, 1_000), await priced(box, 3_000)];
  const { id: coupon } = await stripe.coupons.create({ duration: "once", percent_off: 20 });
  const create = (terms: Partial<Stripe.SubscriptionCreateParams> = {}) =>
    stripe.subscriptions.create({ customer, items: [{ price: small }], ...terms });
  const planned = await create({ discounts: [{ coupon }], description: "Planned" });
  await create({ trial_period_days: 10, metadata: { a: "1" } });
  const paused = await create();
  await stripe.subscriptions.pause(paused.id);
  await stripe.subscriptions.resume(paused.id);
  const ending = await create();
  await stripe.subscriptions.update(ending.id, { cancel_at_period_end: true });
  await stripe.subscriptions.update(ending.id, { cancel_at_period_end: false });
  const growing = await create();
  const more = await stripe.subscriptionItems.create({
    subscription: growing.id,
    price: large,
    quantity: 2,
  });
  await stripe.subscriptionItems.update(more.id, { quantity: 3 });
  await stripe.subscriptionItems.del(more.id);
  const later = await stripe.subscriptionSchedules.create({ from_subscription: planned.id });
  const start_date = later.phases[0]?.start_date ?? 0;
  const end_date = later.phases[0]?.end_date ?? 0;
  await stripe.subscriptionSchedules.update(later.id, {
    end_behavior: "release",
    phases: [
      { start_date, end_date, items: [{ price: small }] },
      { items: [{ price: large }], duration: { interval: "month", interval_count: 1 } },
    ],
  });
  for (const end of ["release", "cancel"] as const) {
    const { id } = await create();
    const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id });
    await stripe.subscriptionSchedules[end](schedule.id);
  }
  await advanceTo(box, payer, "2027-05-16");

  const items = [{ id: onlyItem(ending).id, price: large }];
  await stripe.invoices.createPreview({
    subscription: ending.id,
    subscription_details: { items, proration_behavior: "always_invoice" },
  });
  await stripe.subscriptions.update(ending.id, { items, proration_behavior: "always_invoice" });
  await payWith(box, customer, "pm_card_chargeCustomerFail");
  await create({ payment_behavior: "default_incomplete", expand: ["latest_invoice.payments"] });
  const updated = { items: [{ id: onlyItem(growing).id, price: large }] };
  await stripe.subscriptions.update(growing.id, {
    ...updated,
    payment_behavior: "pending_if_incomplete",
    proration_behavior: "always_invoice",
  });
  await create({ collection_method: "send_invoice", days_until_due: 3 });
  await stripe.subscriptions.cancel(paused.id, { prorate: true, invoice_now: true });
  await advanceTo(box, payer, "2027-06-10");
  await payWith(box, customer, "pm_card_authenticationRequired");
  await advanceTo(box, payer, "2027-07-05");
  await payWith(box, customer, "pm_card_visa");
  await advanceTo(box, payer, "2027-08-20");
  await stripe.testHelpers.testClocks.del((await payerAt(box, "2027-05-01")).clock);
}
