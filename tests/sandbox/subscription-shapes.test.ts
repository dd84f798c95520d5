import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, startSandbox } from "../support/sandbox.ts";
import {
  advanceTo,
  at,
  onlyItem,
  payerAt,
  payWith,
  priced,
} from "../support/sandbox-subscriptions.ts";
import { type Claimed, eventType, shapeFaults } from "../support/sdk-shapes.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

const WATCHED = /^(customer\.subscription|customer\.discount|subscription_schedule|invoice)/;

test("subscriptions and all around them have the shapes that the SDK declares, in events too", async () => {
  const previews = await live();

  const listed = async (kind: string) => {
    const { data } = await json<{ data: unknown[] }>(`/v1/${kind}`);
    return data;
  };
  const claims: Claimed[] = [
    ...previews.map(claim("Stripe.Invoice")),
    ...(await listed("subscriptions?status=all&limit=100")).map(claim("Stripe.Subscription")),
    ...(await listed("subscription_schedules?limit=100")).map(claim("Stripe.SubscriptionSchedule")),
    ...(await listed("invoices?limit=100")).map(claim("Stripe.Invoice")),
    ...box.world
      .all("event")
      .filter(({ type }) => WATCHED.test(type) && type !== "invoice.upcoming")
      .map(({ data: { object }, ...event }) => ({
        type: eventType(event.type),
        json: JSON.parse(JSON.stringify({ ...event, data: { object } })),
        says: event.type,
      })),
  ];
  const told = new Set(claims.map(({ says }) => says));

  expect([...told]).toEqual(
    expect.arrayContaining([
      "customer.subscription.deleted",
      "customer.subscription.paused",
      "customer.subscription.pending_update_expired",
      "customer.subscription.trial_will_end",
      "subscription_schedule.released",
    ]),
  );
  expect(await shapeFaults(claims)).toEqual([]);
}, 120_000);

/** All that can become of a subscription; answers what previews said meanwhile. */
async function live(): Promise<unknown[]> {
  const payer = await payerAt(box, "2027-05-01");
  const { customer } = payer;
  const price = await priced(box, 10_000);
  const coupon = await box.stripe.coupons.create({ duration: "once", percent_off: 20 });
  const create = (terms: Partial<Stripe.SubscriptionCreateParams>) =>
    box.stripe.subscriptions.create({ customer, items: [{ price }], ...terms });

  const planned = await create({ discounts: [{ coupon: coupon.id }] });
  await create({ trial_period_days: 10 });
  const paused = await create({});
  await box.stripe.subscriptions.pause(paused.id);
  const ending = await create({});
  await box.stripe.subscriptions.update(ending.id, { cancel_at_period_end: true });
  const schedule = await box.stripe.subscriptionSchedules.create({ from_subscription: planned.id });
  await payWith(box, customer, "pm_card_chargeCustomerFail");
  const waiting = await create({ payment_behavior: "default_incomplete" });
  const switching = await create({ collection_method: "send_invoice", days_until_due: 3 });
  await advanceTo(box, payer, "2027-05-02");

  const items = [{ id: onlyItem(ending).id, price: await priced(box, 20_000) }];
  const preview = `subscription=${ending.id}&subscription_details[items][0][id]=${items[0]?.id}&subscription_details[items][0][price]=${items[0]?.price}`;
  const previews = [
    (await box.post("/v1/invoices/create_preview", `subscription=${switching.id}`)).json,
    (
      await box.post(
        "/v1/invoices/create_preview",
        `${preview}&subscription_details[proration_behavior]=always_invoice`,
      )
    ).json,
  ];
  await box.stripe.subscriptions.update(ending.id, {
    items,
    payment_behavior: "pending_if_incomplete",
    proration_behavior: "always_invoice",
  });
  await advanceTo(box, payer, "2027-05-30");
  await advanceTo(box, payer, "2027-06-20");
  await box.stripe.subscriptionSchedules.retrieve(schedule.id);
  await box.stripe.subscriptions.retrieve(waiting.id);
  return previews;
}

function claim(type: string) {
  return (json: unknown): Claimed => ({ type, json, says: type });
}

async function json<Shape>(path: string): Promise<Shape>;
async function json(path: string): Promise<unknown> {
  return (await box.get(path)).json;
}

test("a schedule made the way Stripe's own client still makes it comes to its end", async () => {
  const payer = await payerAt(box, "2020-01-01", null);
  const price = await priced(box, 1_500);
  const phase = `phases[0][iterations]=1&phases[0][items][0][price]=${price}&phases[0][items][0][quantity]=1`;

  const { json: made } = await box.post(
    "/v1/subscription_schedules",
    `customer=${payer.customer}&start_date=${at("2020-01-01")}&end_behavior=release&${phase}`,
  );
  await advanceTo(box, payer, "2020-02-01");

  expect(made).toMatchObject({ status: "active" });
  const events = box.world.all("event").map(({ type }) => type);
  expect(events.slice(-40)).toContain("subscription_schedule.completed");
});
