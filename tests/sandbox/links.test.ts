import { expect, test } from "vitest";
import { createWorld, type World } from "#sandbox/state/world.ts";
import { startSandbox } from "#tests/support/sandbox.ts";

/** What a world holds of a customer by looking at everything. */
function looked(world: World, customer: string): string[] {
  return world
    .all("payment_method")
    .filter((method) => method.customer === customer)
    .map(({ id }) => id);
}

function linked(world: World, customer: string): string[] {
  return world.of("payment_method", "customer", customer).map(({ id }) => id);
}

test("a customer's objects are found without looking at all, in the same order", async () => {
  const box = await startSandbox();
  const { stripe, world } = box;
  const [one, other] = [await stripe.customers.create(), await stripe.customers.create()];
  const methods = await Promise.all(
    [1, 2, 3].map(() =>
      stripe.paymentMethods.create({ type: "card", card: { token: "tok_visa" } }),
    ),
  );
  for (const { id } of methods.toReversed()) {
    await stripe.paymentMethods.attach(id, { customer: one.id });
  }
  await stripe.paymentMethods.attach("pm_card_visa", { customer: other.id });
  await stripe.paymentMethods.detach(methods[1]?.id ?? "");

  expect(linked(world, one.id)).toHaveLength(2);
  expect(linked(world, one.id)).toEqual(looked(world, one.id));
  expect(linked(world, other.id)).toEqual(looked(world, other.id));
  const restored = createWorld();
  restored.restore(world.snapshot());
  expect(linked(restored, one.id)).toEqual(linked(world, one.id));
  await box.close();
});

test("what is undone is linked to nobody, and what was removed is linked again", async () => {
  const box = await startSandbox();
  const { stripe, world } = box;
  const { id: customer } = await stripe.customers.create();
  await stripe.paymentMethods.attach("pm_card_visa", { customer });
  const before = linked(world, customer);

  world.rehearse(() => {
    const [method] = world.of("payment_method", "customer", customer);
    if (method) world.put("payment_method", { ...method, id: "pm_other" });
    world.remove("payment_method", before[0] ?? "");
    expect(linked(world, customer)).toEqual(["pm_other"]);
  });

  expect(linked(world, customer)).toEqual(before);
  await box.close();
});
