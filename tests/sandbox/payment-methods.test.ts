import { afterEach, beforeEach, expect, test } from "vitest";
import { type Box, eventTypes, failureOf, startSandbox } from "#tests/support/sandbox.ts";
import { eventFaults } from "#tests/support/sdk-shapes.ts";

let box: Box;
let customer: string;
beforeEach(async () => {
  box = await startSandbox();
  customer = (await box.stripe.customers.create()).id;
});
afterEach(() => box.close());

test("saves a card with its customer and lists it, newest first", async () => {
  const visa = await box.stripe.paymentMethods.attach("pm_card_visa", { customer });
  const amex = await box.stripe.paymentMethods.attach("pm_card_amex", { customer });

  const listed = await box.stripe.paymentMethods.list({ customer, type: "card" });
  const own = await box.stripe.customers.listPaymentMethods(customer);
  const one = await box.stripe.customers.retrievePaymentMethod(customer, visa.id);
  expect(listed.data.map(({ id }) => id)).toEqual([amex.id, visa.id]);
  expect(own.data).toEqual(listed.data);
  expect(one).toMatchObject({ id: visa.id, customer });
  expect(eventTypes(box).slice(1)).toEqual(["payment_method.attached", "payment_method.attached"]);
});

test.each([
  ["pm_card_chargeDeclined", "generic_decline"],
  ["pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"],
])("does not save %s", async (method, decline_code) => {
  const error = await failureOf(box.stripe.paymentMethods.attach(method, { customer }));

  const listed = await box.stripe.paymentMethods.list({ customer });
  expect(error).toMatchObject({ statusCode: 402, code: "card_declined", decline_code });
  expect(listed.data).toEqual([]);
});

test("saves a card that fails when it is charged", async () => {
  const method = await box.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
    customer,
  });

  expect(method.customer).toBe(customer);
});

test("makes no customer with a card that declines", async () => {
  const before = box.world.all("customer").length;

  const error = await failureOf(
    box.stripe.customers.create({ payment_method: "pm_card_chargeDeclined" }),
  );

  expect(error.statusCode).toBe(402);
  expect(box.world.all("customer")).toHaveLength(before);
});

test("takes a default card by a test name, as the CLI does", async () => {
  const made = await box.stripe.customers.create({
    payment_method: "pm_card_visa",
    invoice_settings: { default_payment_method: "pm_card_visa" },
  });

  const { data } = await box.stripe.paymentMethods.list({ customer: made.id });
  expect(data).toHaveLength(1);
  expect(made.invoice_settings.default_payment_method).toBe(data[0]?.id);
});

test("attaches a card to one customer only, and never again once it was detached", async () => {
  const { id } = await box.stripe.paymentMethods.attach("pm_card_visa", { customer });
  const other = (await box.stripe.customers.create()).id;

  const taken = await failureOf(box.stripe.paymentMethods.attach(id, { customer: other }));
  const detached = await box.stripe.paymentMethods.detach(id);
  const late = await failureOf(box.stripe.paymentMethods.attach(id, { customer }));

  expect(taken.message).toMatch(/already been attached/);
  expect(detached.customer).toBeNull();
  expect(late.message).toMatch(/may not be used again/);
});

test("charges a detached default card no more", async () => {
  const { id } = await box.stripe.paymentMethods.attach("pm_card_visa", { customer });
  await box.stripe.customers.update(customer, {
    invoice_settings: { default_payment_method: id },
  });

  await box.stripe.paymentMethods.detach(id);

  const after = await box.stripe.customers.retrieve(customer);
  expect(after).toMatchObject({ invoice_settings: { default_payment_method: null } });
  expect(eventTypes(box).slice(-2)).toEqual(["customer.updated", "payment_method.detached"]);
});

test("changes when a card ends and whose it is", async () => {
  const { id } = await box.stripe.paymentMethods.attach("pm_card_visa", { customer });
  const year = new Date().getUTCFullYear() + 9;

  const updated = await box.stripe.paymentMethods.update(id, {
    card: { exp_month: 3, exp_year: year },
    billing_details: { name: "Jenny Rosen", address: { city: "Berlin", country: "DE" } },
    metadata: { seat: "1" },
  });

  expect(updated).toMatchObject({
    billing_details: { name: "Jenny Rosen", email: null, address: { city: "Berlin" } },
    card: { exp_month: 3, exp_year: year, last4: "4242" },
    metadata: { seat: "1" },
  });
});

test("names what is missing as Stripe does", async () => {
  const inAddress = await failureOf(box.stripe.paymentMethods.retrieve("pm_none"));
  const inParams = await failureOf(
    box.stripe.paymentMethods.attach("pm_card_visa", { customer: "cus_none" }),
  );

  expect(inAddress).toMatchObject({ statusCode: 404, code: "resource_missing" });
  expect(inAddress.message).toBe("No such PaymentMethod: 'pm_none'");
  expect(inParams).toMatchObject({ statusCode: 400, param: "customer" });
});

test("makes events of exactly the SDK's shape", async () => {
  const { id } = await box.stripe.paymentMethods.attach("pm_card_visa", { customer });
  await box.stripe.paymentMethods.update(id, { billing_details: { name: "Jenny" } });
  await box.stripe.paymentMethods.detach(id);

  const faults = await eventFaults(box);

  expect(faults).toEqual([]);
});
