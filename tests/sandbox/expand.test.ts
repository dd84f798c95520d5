import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";

let box: Box;
let customer = "";
let price = "";
let subscription = "";
beforeAll(async () => {
  box = await startSandbox();
  const method = { payment_method: "pm_card_visa" };
  ({ id: customer } = await box.stripe.customers.create({ ...method, email: "a@example.com" }));
  const { data } = await box.stripe.customers.listPaymentMethods(customer);
  await box.stripe.customers.update(customer, {
    invoice_settings: { default_payment_method: data[0]?.id ?? "" },
  });
  ({ id: price } = await box.stripe.prices.create({
    currency: "usd",
    unit_amount: 1_000,
    recurring: { interval: "month" },
    product_data: { name: "Pro" },
  }));
  ({ id: subscription } = await box.stripe.subscriptions.create({ customer, items: [{ price }] }));
});
afterAll(() => box.close());

test("an answer holds ids where nothing is expanded", async () => {
  const said = await box.stripe.subscriptions.retrieve(subscription);

  expect(said.customer).toBe(customer);
  expect(said.latest_invoice).toMatch(/^in_/);
});

test("an id becomes its object, as deep as it is asked for", async () => {
  const said = await box.stripe.subscriptions.retrieve(subscription, {
    expand: ["customer", "latest_invoice.customer", "items.data.price.product"],
  });

  expect(said.customer).toMatchObject({ object: "customer", email: "a@example.com" });
  expect(said.latest_invoice).toMatchObject({ customer: { email: "a@example.com" } });
  expect(said.items.data[0]?.price.product).toMatchObject({ object: "product", name: "Pro" });
});

test("each object of a list is expanded by data", async () => {
  const { data } = await box.stripe.subscriptions.list({ expand: ["data.customer"] });

  expect(data[0]?.customer).toMatchObject({ object: "customer" });
});

test("what an object only includes on demand is there when it is asked for", async () => {
  const plain = await box.stripe.customers.retrieve(customer);
  const asked = await box.stripe.customers.retrieve(customer, { expand: ["subscriptions"] });
  const invoice = await box.stripe.subscriptions.retrieve(subscription, {
    expand: ["latest_invoice.payments", "latest_invoice.confirmation_secret"],
  });

  expect(plain).not.toHaveProperty("subscriptions");
  expect(asked).toMatchObject({ subscriptions: { data: [{ id: subscription }] } });
  expect(invoice.latest_invoice).toMatchObject({
    payments: { object: "list", data: [{ object: "invoice_payment" }] },
    confirmation_secret: { client_secret: expect.stringMatching(/^pi_/) },
  });
});

test("a payment is reached through its invoice", async () => {
  const { data } = await box.stripe.invoicePayments.list({
    expand: ["data.payment.payment_intent"],
  });

  expect(data[0]?.payment.payment_intent).toMatchObject({ status: "succeeded", amount: 1_000 });
});

test("nothing stays nothing", async () => {
  const said = await box.stripe.subscriptions.retrieve(subscription, {
    expand: ["schedule.customer", "pending_setup_intent"],
  });

  expect(said).toMatchObject({ schedule: null, pending_setup_intent: null });
});

test("of a deleted customer nothing is expanded, and what could be is not refused", async () => {
  const { id } = await box.stripe.customers.create();
  await box.stripe.customers.del(id);

  const gone = await box.stripe.customers.retrieve(id, { expand: ["tax_ids", "default_source"] });

  expect(gone).toEqual(expect.objectContaining({ id, object: "customer", deleted: true }));
  await expect(box.stripe.customers.retrieve(id, { expand: ["nonsense"] })).rejects.toMatchObject({
    message: "This property cannot be expanded (nonsense).",
  });
});

describe("what cannot be expanded is refused:", () => {
  test.each([
    ["a member that holds no id", "status", "This property cannot be expanded (status)."],
    ["a member that there is not", "nonsense", "This property cannot be expanded (nonsense)."],
    ["one that is deep inside", "latest_invoice.status", "cannot be expanded (status)."],
  ])("%s", async (_name, path, message) => {
    await expect(
      box.stripe.subscriptions.retrieve(subscription, { expand: [path] }),
    ).rejects.toMatchObject({ statusCode: 400, message: expect.stringContaining(message) });
  });

  test("a list's member without data", async () => {
    await expect(box.stripe.subscriptions.list({ expand: ["nonsense"] })).rejects.toMatchObject({
      message: expect.stringContaining("try expanding 'data.nonsense' instead"),
    });
  });

  test("more than four levels", async () => {
    await expect(
      box.stripe.subscriptions.list({ expand: ["data.latest_invoice.customer.a.b"] }),
    ).rejects.toMatchObject({ message: expect.stringContaining("more than 4 levels") });
  });

  test("and the call changes nothing", async () => {
    const before = box.world.all("customer").length;

    await box.stripe.customers.create({ expand: ["nonsense"] }).catch(() => {});

    expect(box.world.all("customer")).toHaveLength(before);
  });
});
