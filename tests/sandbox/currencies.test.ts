import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { onlyItem, payerAt, priced, refusal } from "#tests/support/sandbox-subscriptions.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

test("a subscription keeps its currency, now and in what is planned for it", async () => {
  const [dollars, euros] = await Promise.all([
    priced(box, 1_000),
    priced(box, 1_000, { currency: "eur" }),
  ]);
  const { customer } = await payerAt(box, "2027-05-01");
  const { stripe } = box;
  const subscription = await stripe.subscriptions.create({ customer, items: [{ price: dollars }] });

  const item = { id: onlyItem(subscription).id, price: euros };
  const changed = stripe.subscriptions.update(subscription.id, { items: [item] });
  expect((await refusal(changed)).message).toMatch(/expected currency: `usd`/);

  const { id, phases } = await stripe.subscriptionSchedules.create({
    from_subscription: subscription.id,
  });
  const [{ start_date, end_date } = { start_date: 0, end_date: 0 }] = phases;
  const planned = stripe.subscriptionSchedules.update(id, {
    phases: [
      { start_date, end_date, items: [{ price: dollars }] },
      { items: [{ price: euros }], duration: { interval: "month" } },
    ],
  });
  expect((await refusal(planned)).message).toMatch(/expected currency: `usd`/);
});
