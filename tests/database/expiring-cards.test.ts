import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { reloadConfig } from "#lib/config.ts";
import { noteExpiringCards } from "#lib/notices/coming-store.ts";
import { listMailbox } from "#lib/notices/mailbox.ts";
import { sendNotice } from "#lib/notices/send.ts";
import { useDatabase } from "#tests/support/database.ts";
import { prepareSettings } from "#tests/support/settings.ts";
import { makeSubscriber } from "#tests/support/subscriber.ts";

const database = await useDatabase();
const { sql } = database;
const dataDir = mkdtempSync(path.join(tmpdir(), "billhook-cards-"));
await prepareSettings(database);
reloadConfig({ BILLHOOK_DATA_DIR: dataDir, SMTP_URL: undefined, NODE_ENV: "test" });
const { org, cus, sub } = await makeSubscriber(sql, "cards");
await sql`insert into users (id, email, name) values
  ('usr_own', 'owner@acme.test', 'Olga'), ('usr_mem', 'member@acme.test', 'Mel')`;
await sql`insert into members (organization_id, user_id, role) values
  (${org}, 'usr_own', 'owner'), (${org}, 'usr_mem', 'member')`;

/** Twenty days before the end of the month that the card is good through. */
const NOW = new Date("2026-12-12T08:00:00Z");

beforeEach(async () => {
  rmSync(path.join(dataDir, "mailbox"), { recursive: true, force: true });
  await sql`delete from notices`;
  await sql`delete from subscriptions`;
  await sql`delete from payment_methods`;
  await sql`update customers set organization_id = ${org} where ref = ${cus}`;
  await subscription();
  await card();
});

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

async function subscription(
  changes: { status?: string; methodRef?: string | null; mode?: string } = {},
): Promise<void> {
  const { status = "active", methodRef = null, mode = "test" } = changes;
  await sql`insert into subscriptions
      (id, gateway, mode, ref, organization_id, customer_ref, status, gateway_status, items, method_ref)
    values (${`sub_${mode}`}, 'stripe', ${mode}, ${sub}, ${org}, ${cus}, ${status}, ${status}, '[]', ${methodRef})
    on conflict (gateway, mode, ref) do update
      set status = excluded.status, method_ref = excluded.method_ref`;
}

type Card = { ref?: string; month?: number; year?: number; isDefault?: boolean; mode?: string };

async function card(changes: Card = {}): Promise<void> {
  const { ref = "pm_1", month = 12, year = 2026, isDefault = true, mode = "test" } = changes;
  await sql`insert into payment_methods
      (id, gateway, mode, ref, customer_ref, kind, brand, last4, exp_month, exp_year, is_default)
    values (${`pmt_${ref}${mode}`}, 'stripe', ${mode}, ${ref}, ${cus}, 'card', 'visa', '4242', ${month}, ${year}, ${isDefault})
    on conflict (gateway, mode, ref) do update
      set exp_month = excluded.exp_month, exp_year = excluded.exp_year, is_default = excluded.is_default`;
}

async function noticeIds(): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`select id from notices order by id`;
  return rows.map(({ id }) => id);
}

async function send(): Promise<string | null> {
  for (const noticeId of await noticeIds()) await sendNotice({ noticeId });
  const [row] = await sql<{ because: string | null }[]>`
    select dropped_because as because from notices`;
  return row?.because ?? null;
}

describe("a card that pays for a subscription and is about to expire", () => {
  test("is told of to owners once in a month, and again in the next", async () => {
    await card({ month: 1, year: 2027 });
    const days = ["2027-01-02", "2027-01-03", "2027-01-31"].map((day) => new Date(day));

    const noted = [];
    for (const day of days) noted.push(await noteExpiringCards(day));

    expect(noted).toEqual([1, 0, 0]);
    await card({ month: 2, year: 2027 });
    expect(await noteExpiringCards(new Date("2027-01-30T12:00:00Z"))).toBe(0);
    expect(await noteExpiringCards(new Date("2027-02-01T00:00:00Z"))).toBe(1);
  });

  test("is noted once by workers that look at once", async () => {
    const noted = await Promise.all([1, 2, 3].map(() => noteExpiringCards(NOW)));

    expect(noted.sort()).toEqual([0, 0, 1]);
    expect(await noticeIds()).toHaveLength(1);
  });

  test("is told with the way to the portal's cards, to owners and not to members", async () => {
    await noteExpiringCards(NOW);

    expect(await send()).toBeNull();

    const [mail] = await listMailbox();
    expect(mail).toMatchObject({ subject: "Visa •••• 4242 expires soon" });
    expect(JSON.stringify(mail)).toContain("owner@acme.test");
    expect(JSON.stringify(mail)).not.toContain("member@acme.test");
    const [sent] = await sql<{ recipients: string[] }[]>`select recipients from notices`;
    expect(sent?.recipients).toEqual(["owner@acme.test"]);
  });

  test("counts where it is the subscription's own, whatever the customer's default is", async () => {
    await card({ isDefault: false });
    expect(await noteExpiringCards(NOW)).toBe(0);

    await subscription({ methodRef: "pm_1" });

    expect(await noteExpiringCards(NOW)).toBe(1);
  });
});

describe("nobody is told", () => {
  test.each([
    ["ends later than in a month", { year: 2027, month: 1 }],
    ["is over already", { year: 2026, month: 11 }],
    ["is no default", { isDefault: false }],
  ] as const)("of a card that %s", async (_, changes) => {
    await card(changes);

    expect(await noteExpiringCards(NOW)).toBe(0);
  });

  test("of a card whose subscription is over, or uses another one", async () => {
    await subscription({ status: "canceled" });
    expect(await noteExpiringCards(NOW)).toBe(0);

    await subscription({ methodRef: "pm_2" });
    expect(await noteExpiringCards(NOW)).toBe(0);
  });

  test("of a card of the mode that is not in use, or of a customer that is nobody's", async () => {
    await sql`delete from payment_methods`;
    await sql`insert into customers (id, gateway, mode, ref, organization_id, link_source)
      values ('cus_live', 'stripe', 'live', ${cus}, ${org}, 'administrator')`;
    await card({ mode: "live" });
    await subscription({ mode: "live" });
    expect(await noteExpiringCards(NOW)).toBe(0);

    await card();
    await sql`update customers set organization_id = null, link_source = null where ref = ${cus}`;
    expect(await noteExpiringCards(NOW)).toBe(0);
    await sql`update customers set organization_id = ${org}, link_source = 'administrator' where ref = ${cus}`;
  });

  test.each([
    ["was removed", () => sql`delete from payment_methods`, /was removed/],
    ["pays for nothing any more", () => card({ isDefault: false }), /no subscription/],
    ["got another end", () => card({ year: 2099 }), /later/],
  ] as const)("of a card that %s before the mail left", async (_, change, because) => {
    await noteExpiringCards(NOW);

    await change();

    expect(await send()).toMatch(because);
  });
});
