import { beforeEach, describe, expect, test } from "vitest";
import { drainRefused } from "#lib/inbox/refused.ts";
import { prepareBilling, settle } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { signedEvent } from "#tests/support/door.ts";
import { emptyInbox, kept } from "#tests/support/kept.ts";
import {
  BEGINNING,
  bodyOf,
  charge,
  event,
  invoice,
  invoiceLine,
  paymentIntent,
  refund,
  signed,
  subscription,
  subscriptionItem,
} from "#tests/support/stripe-objects.ts";
import { makeSubscriber, nobody, type Subscriber } from "#tests/support/subscriber.ts";
import { listen } from "#tests/support/webhooks.ts";

/* Amounts and instants that a signed payload may hold: kept exactly, or refused in a sentence. */

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);
const door = await listen();

let made = 0;
let it: Subscriber = nobody;
beforeEach(async () => {
  made += 1;
  it = await makeSubscriber(sql, `money${made}`);
  await emptyInbox(sql);
  await sql`delete from alerts`;
});

const intent = (changes: object) =>
  paymentIntent({ id: `pi_${made}`, customer: it.cus, ...changes });
async function tell(...events: Parameters<typeof signedEvent>[0][]): Promise<number[]> {
  const statuses: number[] = [];
  for (const each of events) statuses.push((await door.send(signedEvent(each))).status);
  await settle(sql);
  return statuses;
}
const payments = () => sql`
  select currency, amount_minor::float8, refunded_minor::float8 from payments where ref = ${`pi_${made}`}`;

describe("case 73: an amount", () => {
  test.each([
    ["eur", 0, 0],
    ["eur", 1, 1],
    ["eur", 9_007_199_254_740_991, 9_007_199_254_740_991],
    ["jpy", 500, 500],
    ["kwd", 5_125, 5_125],
    ["isk", 50_000, 500],
  ])("in %s of %i is kept as exactly %i minor units", async (currency, written, minor) => {
    const told = intent({
      currency,
      amount: written,
      amount_received: written,
      latest_charge: null,
    });

    expect(await tell(event("payment_intent.succeeded", told))).toEqual([200]);

    expect(await payments()).toEqual([
      { currency: currency.toUpperCase(), amount_minor: minor, refunded_minor: 0 },
    ]);
  });

  const raw = (amount: string) =>
    Buffer.from(
      bodyOf(event("payment_intent.succeeded", intent({ amount: "HERE", latest_charge: null })))
        .toString()
        .replace('"HERE"', amount),
    );
  test.each(["9223372036854775808", "9007199254740993", "29.5", '"1e3"', "1e400", "-1e400", "[1]"])(
    "of %s is refused in a sentence, and no payment is made of it",
    async (amount) => {
      expect((await door.post(raw(amount))).status).toBe(200);
      await settle(sql);

      const rows = await sql`select status, reason from webhook_events`;
      expect(rows).toMatchObject([
        { status: "failed", reason: expect.stringMatching(/amount .*whole number of minor units/) },
      ]);
      expect(await payments()).toEqual([]);
    },
  );

  test.each(["NaN", "Infinity", "0x10", "1_000"])(
    "of %s is no JSON, so it is parked",
    async (is) => {
      expect((await door.post(raw(is))).status).toBe(200);
      expect(await sql`select status from webhook_events`).toMatchObject([{ status: "parked" }]);
    },
  );

  test("below zero is on an invoice what it says, and no payment", async () => {
    const credit = invoiceLine({ amount: -500 });
    const told = invoice({
      id: `in_${made}`,
      customer: it.cus,
      total: -500,
      amount_due: 0,
      amount_paid: 0,
      lines: { object: "list", data: [credit], has_more: false },
    });
    const negative = intent({ amount: -1, amount_received: -1, latest_charge: null });

    await tell(event("invoice.paid", told));
    await tell(event("payment_intent.succeeded", negative));

    expect(await sql`select total_minor::float8 from invoices where ref = ${`in_${made}`}`).toEqual(
      [{ total_minor: -500 }],
    );
    const failed = await sql`select reason from webhook_events where status = 'failed'`;
    expect(failed).toMatchObject([{ reason: expect.stringContaining("never below zero") }]);
    expect(await payments()).toEqual([]);
  });

  test("that went back is never more than what came in, whatever charge and refunds say", async () => {
    const paid = charge({
      id: `ch_${made}`,
      payment_intent: `pi_${made}`,
      customer: it.cus,
      amount_refunded: 9_999,
    });
    const part = (nth: number) =>
      refund({
        id: `re_${made}_${nth}`,
        payment_intent: `pi_${made}`,
        charge: `ch_${made}`,
        amount: 2_000,
        created: BEGINNING + nth,
      });

    await tell(
      event("payment_intent.succeeded", intent({ latest_charge: `ch_${made}` })),
      event("charge.refunded", paid),
      event("refund.created", part(1)),
      event("refund.created", part(2)),
    );

    expect(await payments()).toEqual([
      { currency: "EUR", amount_minor: 2_900, refunded_minor: 2_900 },
    ]);
  });

  test("in another currency in mid-cycle is kept beside the first, never added to it", async () => {
    const bill = (nth: number, currency: string, total: number) =>
      invoice({ id: `in_${made}_${nth}`, customer: it.cus, currency, total, amount_paid: total });

    await tell(
      event("invoice.paid", bill(1, "eur", 2_900)),
      event("invoice.paid", bill(2, "jpy", 4_700)),
    );

    const rows = await sql`
      select currency, total_minor::float8 from invoices where customer_ref = ${it.cus} order by ref`;
    expect(rows).toEqual([
      { currency: "EUR", total_minor: 2_900 },
      { currency: "JPY", total_minor: 4_700 },
    ]);
  });
});

describe("case 79: a clock", () => {
  test("that is ten minutes off refuses genuine requests, keeps them, and tells administrators", async () => {
    const body = bodyOf(event("customer.subscription.updated", subscription({ id: it.sub })));
    const at = (minutes: number) => new Date(Date.now() + minutes * 60_000);

    const replies = [
      await door.post(body, { "stripe-signature": signed(body, undefined, { at: at(-10) }) }),
      await door.post(body, { "stripe-signature": signed(body, undefined, { at: at(10) }) }),
    ];
    await drainRefused();

    expect(replies.map(({ status }) => status)).toEqual([400, 400]);
    expect((await kept(sql)).refused).toEqual(["timestamp_too_old", "timestamp_in_future"]);
    const alerts = await sql`select kind, count, message from alerts`;
    expect(alerts).toMatchObject([
      {
        kind: "clock_apart",
        count: 2,
        message: expect.stringContaining("Check this server's clock"),
      },
    ]);
  });

  test.each([
    [
      "the night in which Berlin's clocks go forward",
      "2026-03-29T00:59:59Z",
      "2026-03-29T01:00:00Z",
    ],
    ["the hour that New York has twice", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"],
    ["29 February to 28 February", "2028-02-29T12:00:00Z", "2029-02-28T12:00:00Z"],
    ["31 January to 29 February", "2028-01-31T23:59:59Z", "2028-02-29T23:59:59Z"],
    ["the last leap second's neighbours", "2016-12-31T23:59:59Z", "2017-01-01T00:00:00Z"],
  ])("does not bend a period: %s", async (_, from, to) => {
    const seconds = (iso: string) => Date.parse(iso) / 1_000;
    const item = subscriptionItem({
      subscription: it.sub,
      current_period_start: seconds(from),
      current_period_end: seconds(to),
    });
    const items = { object: "list", data: [item], has_more: false };

    await tell(
      event(
        "customer.subscription.updated",
        subscription({ id: it.sub, customer: it.cus, items, billing_cycle_anchor: seconds(from) }),
      ),
    );

    const rows = await sql`
      select extract(epoch from period_start)::int as start,
        extract(epoch from period_end)::int as end
      from subscriptions where ref = ${it.sub}`;
    expect(rows).toEqual([{ start: seconds(from), end: seconds(to) }]);
  });
});
