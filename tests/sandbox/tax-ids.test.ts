import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { eventsSince, mark } from "#tests/support/sandbox-billing.ts";
import { refusal } from "#tests/support/sandbox-subscriptions.ts";

let box: Box;
let customer: string;
beforeAll(async () => {
  box = await startSandbox();
  customer = (await box.stripe.customers.create()).id;
});
afterAll(() => box.close());

test("a customer's tax ids are made, listed, shown on demand and deleted", async () => {
  const before = mark(box);
  const made = await box.stripe.customers.createTaxId(customer, {
    type: "eu_vat",
    value: "BE0123456789",
  });

  expect(made).toMatchObject({ customer, country: "BE", verification: { status: "pending" } });
  const { data } = await box.stripe.customers.listTaxIds(customer);
  expect(data.map(({ id }) => id)).toEqual([made.id]);
  const shown = await box.stripe.customers.retrieve(customer, { expand: ["tax_ids"] });
  expect(shown).toMatchObject({ tax_ids: { data: [{ id: made.id }] } });
  await box.stripe.customers.deleteTaxId(customer, made.id);
  expect((await box.stripe.customers.listTaxIds(customer)).data).toEqual([]);
  expect(eventsSince(box, before)).toEqual(["customer.tax_id.created", "customer.tax_id.deleted"]);
});

test("a number that cannot be one is refused, and so is another customer's id", async () => {
  const wrong = box.stripe.customers.createTaxId(customer, { type: "gb_vat", value: "nonsense" });
  expect(await refusal(wrong)).toMatchObject({ statusCode: 400, code: "tax_id_invalid" });

  const other = await box.stripe.customers.create();
  const { id } = await box.stripe.customers.createTaxId(other.id, {
    type: "us_ein",
    value: "12-3456789",
  });
  expect(await refusal(box.stripe.customers.retrieveTaxId(customer, id))).toMatchObject({
    statusCode: 404,
  });
});
