import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Member } from "#lib/actor.ts";
import { urlIn } from "#lib/billing/asking/answer.ts";
import { acceptQuote } from "#lib/billing/changing/commands.ts";
import { pauseSubscription } from "#lib/billing/ending/commands.ts";
import {
  addMethod,
  payInvoice,
  removeMethod,
  setDefaultMethod,
} from "#lib/billing/paying/commands.ts";
import { saveBillingDetails } from "#lib/billing/paying/details-commands.ts";
import {
  findCardAtItsEnd,
  findDetails,
  findMethods,
  findPaying,
  listPayments,
  touchedByReturn,
} from "#lib/billing/paying/views.ts";
import { lookNow } from "#lib/inbox/commands.ts";
import { settle } from "#tests/support/billing.ts";
import {
  type Customer,
  customerWith,
  look,
  person,
  quoteFor,
  seen,
  sellTiers,
  settled,
  useCard,
} from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { hasOneEffect, type Stage } from "#tests/support/one-effect.ts";
import { eventsSince, mark } from "#tests/support/sandbox-billing.ts";
import { checkoutOf } from "#tests/support/sandbox-checkout.ts";
import { advanceTo } from "#tests/support/sandbox-subscriptions.ts";
import { useWiredSandbox } from "#tests/support/wired-sandbox.ts";

/* Cards, open invoices and billing details, against the sandbox over a wire that is cut at will. */

const database = await useDatabase();
const { sql } = database;
const { box, wire } = await useWiredSandbox(database);

let sold: (name: "Pro") => string;
let customer: Customer;
let since = 0;

const stage: Stage = { sql, wire: () => wire, customer: () => customer };

beforeAll(async () => {
  sold = await sellTiers(box, sql, { Pro: 29_00 });
});

beforeEach(async () => {
  wire.decide(() => "pass");
  customer = await customerWith(box, sql, sold("Pro"));
  since = mark(box);
});

function told(type: string): number {
  return eventsSince(box, since).filter((each) => each === type).length;
}

/** The cards as the page lists them, the one that pays first. */
async function cards(actor: Member = customer.owner) {
  const found = await findMethods(actor);
  if (!found) throw new Error("Nobody pays.");
  return found;
}

/** Another card beside the first, seen here; it pays for nothing yet. */
async function secondCard(card = "pm_card_mastercard"): Promise<void> {
  const { payer, subscriptionRef } = customer;
  await box.stripe.paymentMethods.attach(card, { customer: payer.customer });
  await look(payer, subscriptionRef);
  since = mark(box);
}

/** What a page about one card holds. */
async function about(which: "default" | "other", actor = customer.owner) {
  const { methods, revision } = await cards(actor);
  const method = methods.find(({ isDefault }) => isDefault === (which === "default"));
  return { organizationId: customer.organizationId, revision, methodId: method?.id ?? "" };
}

async function defaultAtGateway(): Promise<string | null> {
  const found = await box.stripe.customers.retrieve(customer.payer.customer);
  const held = found.deleted ? null : found.invoice_settings.default_payment_method;
  return typeof held === "string" ? held : (held?.id ?? null);
}

async function methodsTruth() {
  const ref = customer.payer.customer;
  const held = await sql<{ ref: string; isDefault: boolean }[]>`
    select ref, is_default as "isDefault" from payment_methods where customer_ref = ${ref} order by ref`;
  const { data } = await box.stripe.customers.listPaymentMethods(ref);
  const pays = await defaultAtGateway();
  const all = data.map(({ id }) => ({ ref: id, isDefault: id === pays }));
  return {
    held: held.map((row) => ({ ...row })),
    told: all.sort((a, b) => (a.ref < b.ref ? -1 : 1)),
  };
}

describe("adding a card", () => {
  let pages = () => 0;
  hasOneEffect(
    {
      page: async (actor) => {
        const { organizationId, revision } = await about("default", actor);
        const before = box.world.all("checkout.session").length;
        pages = () => box.world.all("checkout.session").length - before;
        return () => addMethod(actor, { organizationId, revision });
      },
      effects: () => pages(),
      sentence: "Enter the card on the payment company’s page.",
      truth: methodsTruth,
    },
    stage,
  );
  test("leads to the gateway's page, and back to where the new card is seen at once", async () => {
    const { organizationId, revision } = await about("default");
    const command = await addMethod(customer.owner, { organizationId, revision });
    const session = box.world.all("checkout.session").at(-1);
    if (!session) throw new Error("No page was opened.");
    expect(urlIn(command.answer)).toBe(session.url);

    const { location } = await checkoutOf(box).pay(session, "5555555555554444");
    const touched = await touchedByReturn(customer.owner);
    if (touched) await lookNow(touched);

    expect(location).toMatch(
      new RegExp(`/portal/${organizationId.slice(4)}/payment-methods\\?added=cs_test_`),
    );
    const { methods } = await cards();
    expect(methods.map(({ words }) => words)).toEqual(["Visa •••• 4242", "Mastercard •••• 4444"]);
    expect(methods.map(({ isDefault }) => isDefault)).toEqual([true, false]);
  });

  test("is advised while the one that pays is over or about to be", async () => {
    const { owner, payer } = customer;
    const ends = (month: number, year: number) => sql`
      update payment_methods set exp_month = ${month}, exp_year = ${year}
      where customer_ref = ${payer.customer}`;
    const advised = () => findCardAtItsEnd(owner, new Date("2026-05-20T00:00:00Z"));

    expect(await advised()).toBeUndefined();
    await ends(5, 2026);
    expect(await advised()).toMatchObject({ expiry: "this_month" });
    await ends(4, 2026);
    expect(await advised()).toMatchObject({ expiry: "expired" });
    await sql`update subscriptions set status = 'canceled' where customer_ref = ${payer.customer}`;
    expect(await advised()).toBeUndefined();
  });

  test("is refused while nothing is paid for, with the way there", async () => {
    const [org] = await sql<{ id: string }[]>`
      insert into organizations (id, name, slug, tier_id)
      values ('org_new', 'New', 'new', 'tir_free') on conflict (id) do update set name = 'New'
      returning id`;
    const owner = await person(sql, org?.id ?? "", "owner");

    expect(await findMethods(owner)).toBeUndefined();
    await expect(
      addMethod(owner, { organizationId: owner.organizationId, revision: "" }),
    ).rejects.toMatchObject({ message: expect.stringContaining("Choose a plan first") });
  });
});

describe("making a card the default", () => {
  hasOneEffect(
    {
      prepare: () => secondCard(),
      page: async (actor) => {
        const input = await about("other", actor);
        return () => setDefaultMethod(actor, input);
      },
      effects: () => told("customer.updated"),
      sentence: "Mastercard •••• 4444 pays for everything from now on.",
      truth: methodsTruth,
    },
    stage,
  );

  test("makes it pay for the subscription too, which had a card of its own", async () => {
    const { subscriptionRef, payer } = customer;
    const own = await defaultAtGateway();
    await box.stripe.subscriptions.update(subscriptionRef, { default_payment_method: own ?? "" });
    await look(payer, subscriptionRef);
    await secondCard();
    const input = await about("other");

    await settled(async () => setDefaultMethod(customer.owner, input));

    const { default_payment_method: pays } =
      await box.stripe.subscriptions.retrieve(subscriptionRef);
    expect(pays).toBe(await defaultAtGateway());
    expect(pays).not.toBe(own);
    expect((await cards()).methods[0]?.words).toBe("Mastercard •••• 4444");
  });

  test("makes it pay for what is planned too, whose phases name the card before", async () => {
    const { organizationId, owner, payer, subscriptionRef } = customer;
    const own = (await defaultAtGateway()) ?? "";
    await box.stripe.subscriptions.update(subscriptionRef, { default_payment_method: own });
    await look(payer, subscriptionRef);
    const lite = await sellTiers(box, sql, { Lite: 5_00 });
    const quote = await quoteFor(customer, lite("Lite"), { timing: "renewal" });
    await acceptQuote(owner, { organizationId, quoteId: quote.id });
    await phasesName(own);
    await secondCard();
    const input = await about("other");

    await settled(async () => setDefaultMethod(owner, input));

    await advanceTo(box, payer, "2027-06-01T02:00:00Z");
    const after = await box.stripe.subscriptions.retrieve(subscriptionRef);
    expect(after.items.data[0]?.price.id).toBe(lite("Lite"));
    expect(after.default_payment_method).toBe(await defaultAtGateway());
    expect(after.default_payment_method).not.toBe(own);
  });

  /** What Stripe copies from a subscription that has a card of its own. */
  async function phasesName(card: string): Promise<void> {
    const { schedule } = await box.stripe.subscriptions.retrieve(customer.subscriptionRef);
    const id = typeof schedule === "string" ? schedule : "";
    const { phases } = await box.stripe.subscriptionSchedules.retrieve(id);
    await box.stripe.subscriptionSchedules.update(id, {
      phases: phases.map(({ start_date, end_date, items }) => ({
        start_date,
        end_date,
        items: items.map(({ price, quantity = 1 }) => ({ price: String(price), quantity })),
        default_payment_method: card,
        proration_behavior: "none" as const,
      })),
    });
  }

  test("is told that one is on its way, when two people choose different cards at once", async () => {
    await secondCard();
    const other = await person(sql, customer.organizationId, "billing");
    const [one, two] = [await about("other"), await about("default", other)];

    const ends = await Promise.allSettled([
      setDefaultMethod(customer.owner, one),
      setDefaultMethod(other, two),
    ]);

    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });
});

describe("removing a card", () => {
  hasOneEffect(
    {
      prepare: () => secondCard(),
      page: async (actor) => {
        const input = await about("other", actor);
        return () => removeMethod(actor, input);
      },
      effects: () => told("payment_method.detached"),
      sentence: "Mastercard •••• 4444 was removed.",
      truth: methodsTruth,
    },
    stage,
  );

  test("is refused for the last one of a live subscription, and for the one that pays", async () => {
    const { owner } = customer;
    await expect(removeMethod(owner, await about("default"))).rejects.toMatchObject({
      message: expect.stringContaining("Add another one first"),
    });
    await secondCard();

    await expect(removeMethod(owner, await about("default"))).rejects.toMatchObject({
      message: expect.stringContaining("the default first"),
    });
    expect(told("payment_method.detached")).toBe(0);
    expect((await cards()).methods.map(({ cannotRemove }) => Boolean(cannotRemove))).toEqual([
      true,
      false,
    ]);
  });

  test("is refused for another organization's card", async () => {
    const input = await about("default");
    const stranger = await customerWith(box, sql, sold("Pro"));

    const { organizationId } = stranger;
    await expect(removeMethod(stranger.owner, { ...input, organizationId })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(setDefaultMethod(stranger.owner, input)).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

/** A renewal that the card did not pay; the card that would is there, and not the default. */
async function overdue(): Promise<void> {
  const { payer, subscriptionRef } = customer;
  await useCard(box, payer, "pm_card_chargeCustomerFail");
  await box.stripe.testHelpers.testClocks.advance(payer.clock, {
    frozen_time: Date.parse("2027-06-01T02:00:00Z") / 1_000,
  });
  await look(payer, subscriptionRef);
  const { latest_invoice: latest } = await box.stripe.subscriptions.retrieve(subscriptionRef);
  const ref = typeof latest === "string" ? latest : (latest?.id ?? "");
  await lookNow({ gateway: "stripe", mode: "test", refs: [{ type: "invoice", ref }] });
  since = mark(box);
}

async function openInvoice(actor: Member = customer.owner) {
  const [row] = await sql<{ id: string }[]>`
    select id from invoices where organization_id = ${customer.organizationId} and status = 'open'`;
  const { revision } = await findPaying(actor, row?.id ?? "");
  return { organizationId: customer.organizationId, invoiceId: row?.id ?? "", revision };
}

async function goodCard(): Promise<string> {
  const { methods } = await cards();
  return methods.find(({ words }) => words === "Visa •••• 4242")?.id ?? "";
}

async function invoiceTruth() {
  const { subscriptionRef } = customer;
  const [held] = await sql<{ ref: string; status: string; left: string; held: string }[]>`
    select i.ref, i.status, amount_remaining_minor as left, s.status as held
    from invoices i join subscriptions s on s.ref = i.subscription_ref
    where i.subscription_ref = ${subscriptionRef} order by issued_at desc limit 1`;
  const now = await box.stripe.subscriptions.retrieve(subscriptionRef, {
    expand: ["latest_invoice"],
  });
  const latest = typeof now.latest_invoice === "string" ? undefined : now.latest_invoice;
  return {
    held: [held?.ref, held?.status, Number(held?.left), held?.held],
    told: [latest?.id, latest?.status, latest?.amount_remaining, now.status],
  };
}

describe("paying an invoice", () => {
  hasOneEffect(
    {
      prepare: overdue,
      page: async (actor) => {
        const input = { ...(await openInvoice(actor)), methodId: await goodCard() };
        return () => payInvoice(actor, input);
      },
      effects: () => told("invoice.paid"),
      sentence: "Paid, €29.00 charged today",
      truth: invoiceTruth,
    },
    stage,
  );

  test("comes before any advice about the card", async () => {
    await overdue();
    const { owner, payer } = customer;
    const advised = () => findCardAtItsEnd(owner, new Date("2090-01-01T00:00:00Z"));

    expect(await advised()).toBeUndefined();
    await sql`update invoices set status = 'void' where customer_ref = ${payer.customer}`;
    expect(await advised()).toMatchObject({ expiry: "expired" });
  });

  test("makes the subscription good again, and lists each try", async () => {
    await overdue();
    const input = { ...(await openInvoice()), methodId: await goodCard() };

    await settled(() => payInvoice(customer.owner, input));

    const [held] =
      await sql`select status from subscriptions where ref = ${customer.subscriptionRef}`;
    expect(held?.status).toBe("active");
    await settle(sql);
    const tries = await listPayments(customer.owner, input.invoiceId);
    expect(tries.map(({ status }) => status)).toContain("succeeded");
  });

  test("is told why, where the card is declined again; another card is another wish", async () => {
    await overdue();

    const declined = await settled(async () => payInvoice(customer.owner, await openInvoice()));
    const paying = await findPaying(customer.owner, (await openInvoice()).invoiceId);
    const methodId = await goodCard();
    const paid = await settled(async () =>
      payInvoice(customer.owner, { ...(await openInvoice()), methodId }),
    );

    expect(declined).toMatchObject({
      status: "needs_person",
      sentence: expect.stringMatching(/declined\. The invoice is still open\.$/),
    });
    expect(paying).toMatchObject({ lacks: declined.sentence, isElsewhere: false });
    expect(paid).toMatchObject({ status: "done", sentence: "Paid, €29.00 charged today" });
  });

  test("goes on at the gateway's page where the bank asks for a person", async () => {
    await overdue();
    await useCard(box, customer.payer, "pm_card_authenticationRequired");
    await look(customer.payer, customer.subscriptionRef);

    const command = await settled(async () => payInvoice(customer.owner, await openInvoice()));

    expect(command).toMatchObject({
      status: "needs_person",
      sentence: "Your bank wants you to confirm the payment. The invoice is still open.",
    });
    expect(urlIn(command.answer)).toMatch(/^http/);
    const paying = await findPaying(customer.owner, (await openInvoice()).invoiceId);
    expect(paying).toMatchObject({ isElsewhere: true, blocker: undefined });
  });

  test("is refused where it is paid already, and nothing is sent", async () => {
    await overdue();
    const stale = { ...(await openInvoice()), methodId: await goodCard() };
    await settled(() => payInvoice(customer.owner, stale));
    wire.calls.length = 0;

    const { organizationId, invoiceId } = stale;
    const paid = payInvoice(customer.owner, { organizationId, invoiceId, revision: "other" });

    await expect(paid).rejects.toMatchObject({ message: "This invoice is paid." });
    expect(wire.calls).toEqual([]);
  });

  test("is offered beside the cards, with one that has not failed", async () => {
    await overdue();

    const { unpaid, next } = await cards();

    expect(unpaid).toMatchObject({ amountRemainingMinor: 29_00, currency: "EUR" });
    expect(next?.words).toBe("Visa •••• 4242");
  });

  test("is refused to members who do no billing, and to other organizations", async () => {
    await overdue();
    const input = await openInvoice();
    const member = await person(sql, customer.organizationId, "member");
    const stranger = await customerWith(box, sql, sold("Pro"));

    await expect(payInvoice(member, input)).rejects.toMatchObject({ code: "not_allowed" });
    const theirs = { ...input, organizationId: stranger.organizationId };
    await expect(payInvoice(stranger.owner, theirs)).rejects.toMatchObject({ code: "not_found" });
    await expect(findPaying(member, input.invoiceId)).rejects.toMatchObject({
      code: "not_allowed",
    });
  });
});

describe("billing details", () => {
  const typed = {
    name: "Acme GmbH",
    email: "bills@acme.test",
    line1: "Hauptstraße 1",
    line2: "",
    postalCode: "10115",
    city: "Berlin",
    state: "",
    country: "DE",
  };

  async function page(actor: Member = customer.owner) {
    const found = await findDetails(actor);
    return { organizationId: customer.organizationId, revision: found?.revision ?? "", ...typed };
  }

  hasOneEffect(
    {
      page: async (actor) => {
        const input = await page(actor);
        return () => saveBillingDetails(actor, input);
      },
      effects: () => told("customer.updated"),
      sentence: "Billing details saved. Later invoices carry them.",
      truth: async () => {
        const found = await findDetails(customer.owner);
        const told = await box.stripe.customers.retrieve(customer.payer.customer);
        if (told.deleted) throw new Error("The customer is gone.");
        const { name, email, address } = told;
        return {
          held: {
            name: found?.details.name,
            email: found?.details.email,
            city: found?.details.address?.city,
            country: found?.details.address?.country,
          },
          told: { name, email, city: address?.city, country: address?.country },
        };
      },
    },
    stage,
  );

  test("ask for a country where there is an address, and for the kind of a tax id", async () => {
    const input = { ...(await page()), country: "", taxId: "DE123456789" };

    await expect(saveBillingDetails(customer.owner, input)).rejects.toMatchObject({
      code: "invalid_input",
      fields: {
        country: "Choose a country.",
        taxIdKind: "Choose what kind of tax id it is.",
      },
    });
    const noNumber = { ...input, country: "DE", taxId: "", taxIdKind: "eu_vat" };
    await expect(saveBillingDetails(customer.owner, noNumber)).rejects.toMatchObject({
      fields: { taxId: "Enter the tax id, or choose no kind." },
    });
  });

  test("keep several tax ids, each added and removed by itself", async () => {
    const { owner } = customer;
    const save = async (more: object) =>
      settled(async () => saveBillingDetails(owner, { ...(await page()), ...more }));
    const held = async () =>
      (await findDetails(owner))?.details.taxIds.map(({ value }) => value).sort();

    await save({ taxIdKind: "eu_vat", taxId: "DE123456789" });
    await save({ taxIdKind: "gb_vat", taxId: "GB123456789" });
    await save({});
    expect(await held()).toEqual(["DE123456789", "GB123456789"]);

    await save({ removedTaxIds: ["eu_vat:DE123456789"] });
    expect(await held()).toEqual(["GB123456789"]);
    const { data } = await box.stripe.customers.listTaxIds(customer.payer.customer);
    expect(data.map(({ value }) => value)).toEqual(["GB123456789"]);
  });

  test("take no more tax ids than anybody has", async () => {
    const { owner } = customer;
    const details = { name: null, email: null, address: null };
    const taxIds = Array.from({ length: 20 }, (_, n) => ({ type: "kz_bin", value: `${n}` }));
    await sql`update customers set details = ${sql.json({ ...details, taxIds })}
      where ref = ${customer.payer.customer}`;
    const taxId = { taxIdKind: "eu_vat", taxId: "DE123456789" };

    await expect(saveBillingDetails(owner, { ...(await page()), ...taxId })).rejects.toMatchObject({
      fields: { taxId: expect.stringMatching(/Remove one first/) },
    });
  });

  test("can be emptied", async () => {
    const { owner } = customer;
    await settled(async () => saveBillingDetails(owner, await page()));
    const empty = Object.fromEntries(Object.keys(typed).map((name) => [name, ""]));

    await settled(async () => saveBillingDetails(owner, { ...(await page()), ...empty }));

    expect((await findDetails(owner))?.details).toMatchObject({ name: null, email: null });
  });
});

test("a pause and a card are asked for side by side: they are about different things", async () => {
  await sql`insert into settings (key, value) values ('isPauseAllowed', 'true')`;
  await secondCard();
  const input = await about("other");
  const { organizationId, subscriptionId, owner } = customer;
  const revision = await seen(customer);

  const both = await Promise.all([
    setDefaultMethod(owner, input),
    pauseSubscription(owner, { organizationId, subscriptionId, revision }),
  ]);

  expect(both.map(({ status }) => status)).toEqual(["done", "done"]);
});
