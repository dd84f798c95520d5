import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  acceptQuote,
  dropPlannedChange,
  dropUnpaidChange,
  quoteChange,
} from "#lib/billing/changing/commands.ts";
import { choicesOf, heldPlan, outcomeOf } from "#lib/billing/changing/views.ts";
import { countTry, type Limit } from "#lib/identity/limits.ts";
import { lookAfter } from "#lib/inbox/commands.ts";
import { saveProductSettings } from "#lib/settings/product-commands.ts";
import { prepareBilling } from "#tests/support/billing.ts";
import {
  askAt,
  askNobody,
  type Customer,
  customerWith,
  look,
  person,
  quoteFor,
  seen,
  sellTiers,
  useCard,
} from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { refusal } from "#tests/support/identity.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { advanceTo } from "#tests/support/sandbox-subscriptions.ts";
import { ada } from "#tests/support/settings.ts";

const database = await useDatabase();
const { sql } = database;

let box: Box;
let sold: (name: "Basic" | "Pro" | "Business") => string;
let yearly: (name: "Yearly") => string;
let customer: Customer;

beforeAll(async () => {
  await prepareBilling(database);
  box = await startSandbox();
  askAt(box.url);
  sold = await sellTiers(box, sql, { Basic: 9_00, Pro: 29_00, Business: 99_00 });
  yearly = await sellTiers(box, sql, { Yearly: 290_00 }, { interval: "year" });
});

beforeEach(async () => {
  customer = await customerWith(box, sql, sold("Pro"));
});

afterAll(async () => {
  askNobody();
  await box.close();
});

function named() {
  const { organizationId, subscriptionId } = customer;
  return { organizationId, subscriptionId };
}

async function countTries(limit: Limit, key: string, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) await countTry(limit, key);
}

async function accept(quoteId: string) {
  const { organizationId, owner } = customer;
  return acceptQuote(owner, { organizationId, quoteId });
}

/** Accepts a quote, and sees what that caused. */
async function changeTo(priceRef: string, how: Parameters<typeof quoteFor>[2] = {}) {
  const accepted = await accept((await quoteFor(customer, priceRef, how)).id);
  if (accepted.kind !== "asked") throw new Error(`Quoted anew: ${accepted.because}`);
  await lookAfter(accepted.command);
  return accepted.command;
}

async function atTheGateway() {
  const {
    items,
    schedule,
    pending_update: pending,
  } = await box.stripe.subscriptions.retrieve(customer.subscriptionRef);
  const [item] = items.data;
  return { price: item?.price.id, quantity: item?.quantity, schedule, pending };
}

/** After the first renewal and its payment, which nobody has heard of here. */
const RENEWED = "2027-06-01T02:00:00Z";

const about = async () => ({ ...named(), revision: await seen(customer) });

describe("a quote", () => {
  test("says each line, what is due and what comes next, as the gateway reckons it", async () => {
    const quote = await quoteFor(customer, sold("Business"));

    expect(quote).toMatchObject({
      currency: "EUR",
      dueMinor: 35_00,
      creditedMinor: 0,
      taxMinor: 0,
      nextTotalMinor: 99_00,
      nextAt: new Date("2027-06-01T00:00:00Z"),
      proratedAt: new Date("2027-05-16T12:00:00Z"),
    });
    expect(quote.lines.map(({ amountMinor }) => amountMinor)).toEqual([49_50, -14_50]);
  });

  test("says what is credited for a change to less, now", async () => {
    const quote = await quoteFor(customer, sold("Basic"));

    expect(quote).toMatchObject({ dueMinor: 0, creditedMinor: 10_00 });
    expect(await changeTo(sold("Basic"))).toMatchObject({
      status: "done",
      sentence: "Plan updated, €10.00 credited",
    });
  });

  test("that is too old is made anew, and nothing is done", async () => {
    const { id } = await quoteFor(customer, sold("Business"));
    await sql`update quotes set expires_at = now() - interval '1 second' where id = ${id}`;

    const accepted = await accept(id);

    expect(accepted).toMatchObject({ kind: "requoted", because: "too_old" });
    expect(accepted.kind === "requoted" && accepted.quote.id).not.toBe(id);
    expect(await atTheGateway()).toMatchObject({ price: sold("Pro") });
  });

  test("that costs a cent more or less by now is made anew; the new one is what is paid", async () => {
    const { id } = await quoteFor(customer, sold("Business"));
    await box.stripe.customers.createBalanceTransaction(customer.payer.customer, {
      amount: -1,
      currency: "eur",
    });

    const again = await accept(id);

    if (again.kind !== "requoted") throw new Error("It was done for another price.");
    expect(again).toMatchObject({ because: "costs_otherwise", quote: { dueMinor: 34_99 } });
    expect(await atTheGateway()).toMatchObject({ price: sold("Pro") });
    const accepted = await accept(again.quote.id);
    expect(accepted).toMatchObject({
      kind: "asked",
      command: { sentence: "Plan updated, €34.99 charged today" },
    });
  });

  test("that the invoice does not keep is told to administrators", async () => {
    const { id } = await quoteFor(customer, sold("Business"));
    const command = await changeTo(sold("Business"));
    await sql`update commands set status = 'open', settled_at = null, leased_until = null,
      plan = jsonb_set(plan, '{quoted,dueMinor}', '3499') where id = ${command.id}`;

    await accept(id);

    expect(await sql`select kind, message from alerts where subject = ${command.id}`).toEqual([
      {
        kind: "charged_otherwise",
        message: expect.stringContaining("€34.99 due and €0.00 credited, and then €35.00 due"),
      },
    ]);
  });

  test("is asked for so often, so that no organization spends what the gateway answers to all", async () => {
    const wanted = { ...named(), priceRef: sold("Business"), quantity: 1 };
    await countTries("quote_of_organization", customer.organizationId, 59);
    await quoteFor(customer, sold("Business"));

    await expect(quoteChange(customer.owner, wanted)).rejects.toMatchObject({
      code: "too_many_requests",
      message: expect.stringMatching(
        /^Many quotes were asked for in a short time\. Try again in \d+ minutes\.$/,
      ),
    });

    expect((await quoteChange(ada, wanted)).quote).toBeDefined();
    const { quote } = await quoteChange(customer.owner, { ...wanted, priceRef: sold("Pro") });
    expect(quote).toBeUndefined();
    const other = await customerWith(box, sql, sold("Pro"));
    expect((await quoteFor(other, sold("Business"))).dueMinor).toBe(35_00);
  });

  test("is nobody else's to see or to accept", async () => {
    const { id } = await quoteFor(customer, sold("Business"));
    const other = await customerWith(box, sql, sold("Pro"));
    const { organizationId, owner } = other;

    expect(await refusal(acceptQuote(owner, { organizationId, quoteId: id }))).toBe("not_found");
    expect(
      await refusal(acceptQuote(owner, { organizationId: customer.organizationId, quoteId: id })),
    ).toBe("not_found");
    expect(await atTheGateway()).toMatchObject({ price: sold("Pro") });
  });
});

describe("who may ask", () => {
  test.each([
    ["owner", "fine"],
    ["billing", "fine"],
    ["member", "not_allowed"],
  ] as const)("%s: %s", async (role, end) => {
    const actor = await person(sql, customer.organizationId, role);
    const wanted = { ...named(), priceRef: sold("Business"), quantity: 1 };

    expect(await refusal(quoteChange(actor, wanted))).toBe(end);
    const { id } = await quoteFor(customer, sold("Business"));
    const quoted = { organizationId: customer.organizationId, quoteId: id };
    expect(await refusal(acceptQuote(actor, quoted))).toBe(end);
    const drop = await refusal(dropPlannedChange(actor, await about()));
    expect(drop).toBe(end === "fine" ? "conflict" : end);
  });

  test("an administrator may, for any organization and at any time", async () => {
    await saveProductSettings(ada, { productName: "Acme", graceDays: 7, isTimingFree: false });
    try {
      const wanted = { ...named(), priceRef: sold("Business"), timing: "renewal" as const };
      const { change } = await quoteChange(ada, { ...wanted, quantity: 1 });
      expect(change.blockers).toEqual([]);
      const own = await quoteChange(customer.owner, { ...wanted, quantity: 1 });
      expect(own.change.blockers).toEqual(["This change takes effect at once only."]);
    } finally {
      await saveProductSettings(ada, { productName: "Acme", graceDays: 7, isTimingFree: true });
    }
  });

  test("and is offered first what the operator chose for each direction", async () => {
    const usual = { productName: "Acme", graceDays: 7 };
    const offered = async (priceRef: string) => {
      const { change } = await quoteChange(customer.owner, { ...named(), priceRef, quantity: 1 });
      return [change.wanted.timing, change.timings];
    };

    expect(await offered(sold("Business"))).toEqual(["now", ["now", "renewal"]]);
    expect(await offered(sold("Basic"))).toEqual(["renewal", ["renewal", "now"]]);
    await saveProductSettings(ada, { ...usual, upgradeTiming: "renewal", downgradeTiming: "now" });
    try {
      expect(await offered(sold("Business"))).toEqual(["renewal", ["renewal", "now"]]);
      expect(await offered(sold("Basic"))).toEqual(["now", ["now", "renewal"]]);
    } finally {
      await saveProductSettings(ada, {
        ...usual,
        upgradeTiming: "now",
        downgradeTiming: "renewal",
      });
    }
  });

  test("only an administrator for an older price of a plan, which no page offers", async () => {
    const { id: old } = await box.stripe.prices.create({
      currency: "eur",
      unit_amount: 1_00,
      recurring: { interval: "month" },
      product_data: { name: "Business as it was" },
    });
    await sql`insert into gateway_prices
        (gateway, mode, ref, plan_id, currency, amount_minor, interval, interval_count, is_active, first_seen_at)
      select gateway, mode, ${old}, plan_id, currency, 100, interval, 1, true, now() - interval '1 day'
      from gateway_prices where ref = ${sold("Business")}`;
    try {
      const wanted = { ...named(), priceRef: old, quantity: 1 };
      const { change, quote } = await quoteChange(customer.owner, wanted);
      expect(quote).toBeUndefined();
      expect(change.blockers).toEqual(["Business is not sold at this price any more."]);
      expect((await quoteChange(ada, wanted)).quote).toBeDefined();
    } finally {
      await sql`delete from gateway_prices where ref = ${old}`;
    }
  });

  test("nobody for a price that is not on sale", async () => {
    await sql`insert into prices (id, plan_id, currency, amount_minor, interval, interval_count)
      select 'prc_dearer', plan_id, 'EUR', 9999, 'month', 1 from gateway_prices
      where ref = ${sold("Business")}`;
    try {
      const wanted = { ...named(), priceRef: sold("Business"), quantity: 1 };
      const { change, quote } = await quoteChange(customer.owner, wanted);
      expect(quote).toBeUndefined();
      expect(change.blockers).toEqual(["Business is not sold at this price any more."]);
    } finally {
      await sql`delete from prices where id = 'prc_dearer'`;
    }
  });
});

describe("a change at the renewal", () => {
  test("is planned, shown, and takes effect then", async () => {
    const command = await changeTo(sold("Basic"), { timing: "renewal" });

    expect(command).toMatchObject({ status: "done", sentence: "Change scheduled for 1 June 2027" });
    const held = await heldPlan(customer.owner, named());
    expect(held.planned).toMatchObject({
      at: new Date("2027-06-01T00:00:00Z"),
      isOurs: true,
      quantity: 1,
      sold: { planName: "Basic" },
    });
    expect(await atTheGateway()).toMatchObject({ price: sold("Pro") });
    await advanceTo(box, customer.payer, "2027-06-02");
    expect(await atTheGateway()).toMatchObject({ price: sold("Basic") });
  });

  test("is taken back with one button, and once", async () => {
    await changeTo(sold("Basic"), { timing: "renewal" });
    const shown = await about();

    const undone = await dropPlannedChange(customer.owner, shown);
    await lookAfter(undone);

    expect(undone).toMatchObject({ status: "done", sentence: expect.stringContaining("given up") });
    expect(await dropPlannedChange(customer.owner, shown)).toEqual(undone);
    expect(await atTheGateway()).toMatchObject({ price: sold("Pro"), schedule: null });
    expect((await heldPlan(customer.owner, named())).planned).toBeUndefined();
  });

  test("is not taken back once it has begun, whatever the page shows still", async () => {
    await changeTo(sold("Basic"), { timing: "renewal" });
    const shown = await about();
    await advanceTo(box, customer.payer, RENEWED);

    const late = await dropPlannedChange(customer.owner, shown);
    await lookAfter(late);

    expect(late).toMatchObject({
      status: "refused",
      sentence: "The change has taken effect already. Change the plan again to go back.",
    });
    expect((await heldPlan(customer.owner, named())).sold?.planName).toBe("Basic");
  });

  test("is quoted anew where that renewal has passed", async () => {
    const { id } = await quoteFor(customer, sold("Basic"), { timing: "renewal" });
    await advanceTo(box, customer.payer, RENEWED);

    expect(await accept(id)).toMatchObject({
      kind: "requoted",
      because: "costs_otherwise",
      quote: { nextAt: new Date("2027-07-01T00:00:00Z") },
    });
    expect(await atTheGateway()).toMatchObject({ schedule: null });
  });

  test("gives way to another change, now or at the renewal", async () => {
    await changeTo(sold("Basic"), { timing: "renewal" });
    await changeTo(sold("Business"), { timing: "renewal" });
    expect((await heldPlan(customer.owner, named())).planned?.sold?.planName).toBe("Business");

    await changeTo(sold("Business"));

    expect(await atTheGateway()).toMatchObject({ price: sold("Business"), schedule: null });
    expect((await heldPlan(customer.owner, named())).planned).toBeUndefined();
  });

  test("that somebody else planned is told as theirs", async () => {
    const { id } = await box.stripe.subscriptionSchedules.create({
      from_subscription: customer.subscriptionRef,
    });
    const { phases } = await box.stripe.subscriptionSchedules.retrieve(id);
    const [phase] = phases;
    await box.stripe.subscriptionSchedules.update(id, {
      end_behavior: "release",
      phases: [
        {
          start_date: phase?.start_date ?? 0,
          end_date: phase?.end_date ?? 0,
          items: [{ price: sold("Pro"), quantity: 1 }],
        },
        {
          items: [{ price: sold("Basic"), quantity: 2 }],
          duration: { interval: "month", interval_count: 1 },
        },
      ],
    });
    await look(customer.payer, customer.subscriptionRef);

    expect((await heldPlan(customer.owner, named())).planned).toMatchObject({
      isOurs: false,
      quantity: 2,
      sold: { planName: "Basic" },
    });
  });
});

describe("a change at once", () => {
  test("adds seats for what was quoted", async () => {
    await sql`update plans set is_per_seat = true where name = 'Pro'`;

    const command = await changeTo(sold("Pro"), { quantity: 3 });

    expect(command.sentence).toBe("Plan updated, €29.00 charged today");
    expect(await atTheGateway()).toMatchObject({ quantity: 3 });
    await sql`update plans set is_per_seat = false where name = 'Pro'`;
  });

  test("goes from months to years, and begins a new period", async () => {
    const quote = await quoteFor(customer, yearly("Yearly"));
    const command = await changeTo(yearly("Yearly"));

    expect(quote).toMatchObject({ dueMinor: 290_00 - 14_50, nextTotalMinor: 290_00 });
    expect(quote.nextAt).toEqual(new Date("2028-05-16T12:00:00Z"));
    expect(command.sentence).toBe("Plan updated, €275.50 charged today");
  });

  test("does not happen with a card that is declined: the plan stays, and it can be given up", async () => {
    await useCard(box, customer.payer, "pm_card_chargeCustomerFail");

    const command = await changeTo(sold("Business"));

    expect(command).toMatchObject({
      status: "needs_person",
      sentence: expect.stringContaining("Your plan is unchanged"),
      answer: { because: "declined", url: expect.stringContaining("http") },
    });
    expect(await atTheGateway()).toMatchObject({ price: sold("Pro") });
    const { unpaid } = await heldPlan(customer.owner, named());
    expect(unpaid).toMatchObject({ why: command.sentence, sold: { planName: "Business" } });
    const { change } = await quoteChange(customer.owner, {
      ...named(),
      priceRef: sold("Basic"),
      quantity: 1,
    });
    expect(change.blockers).toContain(
      "A change waits for its payment. Pay it, or give it up, first.",
    );

    const dropped = await dropUnpaidChange(customer.owner, await about());
    await lookAfter(dropped);

    expect(dropped.sentence).toContain("given up");
    expect(await atTheGateway()).toMatchObject({ price: sold("Pro"), pending: null });
    expect((await heldPlan(customer.owner, named())).unpaid).toBeUndefined();
  });

  test.each([
    ["approve", "Business"],
    ["refuse", "Pro"],
  ] as const)("waits for the bank, and when people %s there it is %s", async (does, plan) => {
    await useCard(box, customer.payer, "pm_card_authenticationRequired");

    const command = await changeTo(sold("Business"));

    expect(command).toMatchObject({
      status: "needs_person",
      answer: { because: "authentication" },
      sentence: "Your bank wants you to confirm the payment. Nothing changes before.",
    });
    const intent = box.world
      .all("payment_intent")
      .findLast(({ customer: payer }) => payer === customer.payer.customer);
    await box.control(`/intents/${intent?.id}/${does}`, {});
    expect(await atTheGateway()).toMatchObject({ price: sold(plan) });
  });

  test("is given up by its own invoice, and that of a renewal that came meanwhile stays", async () => {
    customer = await customerWith(box, sql, sold("Pro"), { now: "2027-05-31T12:00:00Z" });
    await useCard(box, customer.payer, "pm_card_chargeCustomerFail");
    await changeTo(sold("Business"));
    await advanceTo(box, customer.payer, RENEWED);
    await look(customer.payer, customer.subscriptionRef);

    const command = await dropUnpaidChange(customer.owner, await about());

    expect(command).toMatchObject({ status: "done" });
    const { data } = await box.stripe.invoices.list({ customer: customer.payer.customer });
    expect(
      data.map(({ billing_reason: why, status, amount_due }) => [why, status, amount_due]),
    ).toEqual([
      ["subscription_cycle", "open", 29_00],
      ["subscription_update", "void", expect.any(Number)],
      ["subscription_create", "paid", 29_00],
    ]);
    expect(await atTheGateway()).toMatchObject({ price: sold("Pro"), pending: null });
  });

  test("is not made while a payment is overdue, but can be planned", async () => {
    await useCard(box, customer.payer, "pm_card_chargeCustomerFail");
    await advanceTo(box, customer.payer, "2027-06-02");
    await look(customer.payer, customer.subscriptionRef);

    const quoted = async (timing: "now" | "renewal") =>
      quoteChange(customer.owner, { ...named(), priceRef: sold("Basic"), quantity: 1, timing });

    expect((await quoted("now")).change.blockers).toEqual([
      "A payment is overdue. Pay it first, or change at the renewal.",
    ]);
    expect((await quoted("renewal")).change.blockers).toEqual([]);
  });

  test("is not quoted where a payment failed that is not seen here yet", async () => {
    await useCard(box, customer.payer, "pm_card_chargeCustomerFail");
    await advanceTo(box, customer.payer, RENEWED);

    await expect(quoteFor(customer, sold("Basic"))).rejects.toMatchObject({
      code: "gateway_refused",
      message: expect.stringContaining("A payment is overdue"),
    });
  });
});

describe("the pages", () => {
  test("offer every plan, with the reason where it cannot be had", async () => {
    for (let n = 0; n < 2; n += 1) await person(sql, customer.organizationId, "member");
    const [tier] = await sql<{ id: string }[]>`
      select p.tier_id as id from gateway_prices g join plans p on p.id = g.plan_id
      where g.ref = ${sold("Basic")}`;
    await sql`insert into entitlements (tier_id, key, name, kind, is_included, limit_value)
      values (${tier?.id ?? ""}, 'seats', 'Seats', 'limit', true, 2)`;

    const { plans, interval, intervals } = await choicesOf(customer.owner, {
      ...named(),
      interval: undefined,
      seats: undefined,
    });

    const shown = plans.filter(({ planName }) => ["Basic", "Pro", "Business"].includes(planName));
    expect({ interval, intervals }).toEqual({ interval: "month", intervals: ["month", "year"] });
    expect(
      shown.map(({ planName, choice }) => [planName, choice?.isHeld, choice?.blockers]),
    ).toEqual([
      ["Basic", false, ["Basic has 2 seats, you use 3. Remove members first."]],
      ["Pro", true, []],
      ["Business", false, []],
    ]);
    await sql`delete from entitlements where tier_id = ${tier?.id ?? ""}`;
  });

  test("offer the renewal for what cannot be had now", async () => {
    await useCard(box, customer.payer, "pm_card_chargeCustomerFail");
    await advanceTo(box, customer.payer, "2027-06-02");
    await look(customer.payer, customer.subscriptionRef);

    const all = { ...named(), interval: undefined, seats: undefined };
    const { plans } = await choicesOf(customer.owner, all);

    const business = plans.find(({ planName }) => planName === "Business")?.choice;
    expect(business?.blockers).toEqual([expect.stringMatching(/^A payment is overdue/)]);
    expect(business?.otherwise).toBe("renewal");
    expect(plans.find(({ planName }) => planName === "Pro")?.choice?.otherwise).toBeUndefined();
  });

  test("offer the highest tier, however many prices of former times the others have", async () => {
    await sql`insert into gateway_prices
        (gateway, mode, ref, plan_id, currency, amount_minor, interval, interval_count, is_active)
      select gateway, mode, 'price_old_' || n, plan_id, currency, n, interval, 1, false
      from gateway_prices, generate_series(1, 600) n where ref = ${sold("Basic")}`;

    const { plans } = await choicesOf(customer.owner, {
      ...named(),
      interval: undefined,
      seats: undefined,
    });
    await sql`delete from gateway_prices where ref like 'price_old_%'`;

    expect(plans.map(({ planName }) => planName)).toContain("Business");
  });

  test("show the outcome of a command to its own organization only", async () => {
    const { id: commandId } = await changeTo(sold("Business"));
    const other = await customerWith(box, sql, sold("Pro"));

    const { organizationId } = customer;
    expect(await outcomeOf(customer.owner, { organizationId, commandId })).toMatchObject({
      status: "done",
    });
    const theirs = { organizationId: other.organizationId, commandId };
    expect(await outcomeOf(other.owner, theirs)).toBeUndefined();
    expect(
      await outcomeOf(customer.owner, { organizationId, commandId: "cmd_\0" }),
    ).toBeUndefined();
  });
});
