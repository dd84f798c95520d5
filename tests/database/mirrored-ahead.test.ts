import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import { askingAt } from "#tests/support/asking-stripe.ts";
import { deliver, prepareBilling, settle } from "#tests/support/billing.ts";
import {
  askAt,
  type Customer,
  customerWith,
  look,
  sellTiers,
  useCard,
} from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { payloadsOnly } from "#tests/support/fetching.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { onlyItem } from "#tests/support/sandbox-subscriptions.ts";
import { event } from "#tests/support/stripe-objects.ts";

/* What commands need to know of a gateway, as it is kept: told by a fetch, and left alone by what does not tell it. */

const database = await useDatabase();
const { sql } = database;

let box: Box;
let sold: (name: "Basic" | "Pro") => string;
let acme: Customer;
let intentions = 0;

beforeAll(async () => {
  await prepareBilling(database);
  box = await startSandbox();
  askAt(box.url);
  sold = await sellTiers(box, sql, { Basic: 9_00, Pro: 29_00 });
});
beforeEach(async () => {
  askAt(box.url);
  acme = await customerWith(box, sql, sold("Pro"));
});
afterAll(async () => {
  payloadsOnly();
  await box.close();
});

function asking() {
  intentions += 1;
  return askingAt(box.url, `mirror${intentions}`);
}

function seen(): Promise<void> {
  return look(acme.payer, acme.subscriptionRef);
}

/** An event about an object as it is at the gateway now, while nothing can be asked. */
async function toldByEvent(type: string, object: object): Promise<void> {
  payloadsOnly();
  await deliver(event(type, JSON.parse(JSON.stringify(object))));
  await settle(sql);
}

describe("a customer", () => {
  async function held() {
    const [row] = await sql`
      select default_method_ref as method, balance_minor as balance, balance_currency as currency,
        details from customers where ref = ${acme.payer.customer}`;
    return row;
  }

  function methods() {
    return sql<{ card: string }[]>`
      select concat_ws(' ', kind, brand, last4, exp_month is not null, is_default) as card
      from payment_methods where customer_ref = ${acme.payer.customer} order by 1`.then((rows) =>
      rows.map(({ card }) => card),
    );
  }

  test("is kept with balance, details and means of payment, until these are removed", async () => {
    await useCard(box, acme.payer, "pm_card_mastercard");
    await box.stripe.customers.update(acme.payer.customer, {
      name: "Acme BV",
      address: { line1: "1 Road", city: "Ghent", country: "BE" },
      balance: -700,
    });
    await box.stripe.customers.createTaxId(acme.payer.customer, {
      type: "eu_vat",
      value: "BE0123456789",
    });

    await seen();

    expect(await held()).toMatchObject({
      balance: "700",
      currency: "EUR",
      details: {
        name: "Acme BV",
        address: { line1: "1 Road", line2: null, city: "Ghent" },
        taxIds: [{ type: "eu_vat", value: "BE0123456789" }],
      },
    });
    expect(await methods()).toEqual(["card mastercard 4444 t t", "card visa 4242 t f"]);
    const { data } = await box.stripe.customers.listPaymentMethods(acme.payer.customer);
    await box.stripe.paymentMethods.detach(
      data.find((each) => each.card?.brand === "visa")?.id ?? "",
    );
    await seen();
    expect(await methods()).toEqual(["card mastercard 4444 t t"]);
  });

  test("told by an event keeps what no event tells, and knows the new default", async () => {
    const { customer } = acme.payer;
    const { id } = await box.stripe.paymentMethods.attach("pm_card_mastercard", { customer });
    await box.stripe.customers.createTaxId(customer, { type: "eu_vat", value: "BE0123456789" });
    await seen();
    const now = await box.stripe.customers.update(customer, {
      email: "new@example.com",
      invoice_settings: { default_payment_method: id },
    });

    await toldByEvent("customer.updated", now);

    expect(await methods()).toEqual(["card mastercard 4444 t t", "card visa 4242 t f"]);
    expect(await held()).toMatchObject({
      method: id,
      details: { email: "new@example.com", taxIds: [{ value: "BE0123456789" }] },
    });
  });

  test("seen twice is no news", async () => {
    await seen();
    const changes = () => sql`
      select s.changes from syncs s join gateway_objects o on o.id = s.object_id
      where o.ref = ${acme.payer.customer} and s.changes <> '[]'::jsonb`;
    const before = (await changes()).length;

    await seen();

    expect((await changes()).length).toBe(before);
  });
});

describe("a subscription", () => {
  async function held() {
    const [row] = await sql`
      select items, schedule_ref as "scheduleRef", planned, unpaid_change as "unpaidChange",
        is_collection_paused as "isCollectionPaused", method_ref as "methodRef"
      from subscriptions where ref = ${acme.subscriptionRef}`;
    return row;
  }

  async function planned() {
    const { subscriptionRef } = acme;
    const now = await box.stripe.subscriptions.retrieve(subscriptionRef);
    const to = { priceRef: sold("Basic"), quantity: 1 };
    return stripe.commands.changeAtRenewal(
      { subscriptionRef, itemRef: onlyItem(now).id, to, scheduleRef: null, commandId: "cmd_7" },
      asking(),
    );
  }

  test("is kept with its items' names and what is planned for it", async () => {
    const { scheduleRef } = await planned();

    await seen();

    expect(await held()).toMatchObject({
      items: [{ ref: expect.stringMatching(/^si_/), priceRef: sold("Pro"), quantity: 1 }],
      scheduleRef,
      planned: {
        at: "2027-06-01T00:00:00.000Z",
        commandId: "cmd_7",
        items: [{ priceRef: sold("Basic"), quantity: 1 }],
      },
      unpaidChange: null,
    });
  });

  test("told by an event keeps the plan of its schedule, and loses it with the schedule", async () => {
    const { scheduleRef } = await planned();
    await seen();
    const before = await held();
    const now = await box.stripe.subscriptions.retrieve(acme.subscriptionRef);

    await toldByEvent("customer.subscription.updated", { ...now, metadata: { a: "1" } });

    expect(await held()).toEqual(before);
    expect(before).toMatchObject({ scheduleRef, planned: { commandId: "cmd_7" } });
    await toldByEvent("customer.subscription.updated", { ...now, schedule: "sub_sched_other" });
    expect(await held()).toMatchObject({ scheduleRef: "sub_sched_other", planned: null });
    await toldByEvent("customer.subscription.updated", { ...now, schedule: null });
    expect(await held()).toMatchObject({ scheduleRef: null, planned: null });
  });

  test("whose collection is paused says so, and names a card of its own", async () => {
    const { data } = await box.stripe.customers.listPaymentMethods(acme.payer.customer);
    const card = data[0]?.id ?? "";
    await box.stripe.subscriptions.update(acme.subscriptionRef, {
      pause_collection: { behavior: "void" },
      default_payment_method: card,
    });

    await seen();

    expect(await held()).toMatchObject({ isCollectionPaused: true, methodRef: card });
  });
});
