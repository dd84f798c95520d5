import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { db } from "#db/client.ts";
import { endComp, giveComp } from "#lib/billing/granting/comp-commands.ts";
import { findGranting } from "#lib/billing/granting/views.ts";
import { reloadConfig } from "#lib/config.ts";
import { noteEndingComps } from "#lib/notices/coming-store.ts";
import { listMailbox } from "#lib/notices/mailbox.ts";
import { sendNotice } from "#lib/notices/send.ts";
import { noteNotice } from "#lib/notices/store.ts";
import { addDays, dayInWords } from "#lib/time.ts";
import { makeOrganization, prepareBilling } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { ada } from "#tests/support/settings.ts";

/* People hear that they have what they bought, and of what they have free of charge: once each. */

const database = await useDatabase();
const { sql } = database;
const dataDir = mkdtempSync(path.join(tmpdir(), "billhook-orders-"));
await prepareBilling(database);
reloadConfig({ BILLHOOK_DATA_DIR: dataDir, SMTP_URL: undefined, NODE_ENV: "test" });
const org = "org_acme";
await makeOrganization(sql, org);
await sql`insert into users (id, email, name) values
  ('usr_own', 'owner@acme.test', 'Olga'), ('usr_bil', 'bill@acme.test', 'Bill'),
  ('usr_mem', 'member@acme.test', 'Mel')`;
await sql`insert into members (organization_id, user_id, role) values
  (${org}, 'usr_own', 'owner'), (${org}, 'usr_bil', 'billing'), (${org}, 'usr_mem', 'member')`;
await sql`insert into products (id, code, name) values ('prd_1', 'credits', 'Credits')`;

beforeEach(async () => {
  rmSync(path.join(dataDir, "mailbox"), { recursive: true, force: true });
  await sql`truncate notices, orders, commands, comps cascade`;
});

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** Sends every notice there is; answers why one was dropped, if one was. */
async function send(): Promise<string | null> {
  const rows = await sql<{ id: string }[]>`select id from notices order by id`;
  for (const { id } of rows) await sendNotice({ noticeId: id });
  const [row] = await sql<{ because: string | null }[]>`
    select dropped_because as because from notices order by id desc`;
  return row?.because ?? null;
}

async function order(changes: { state?: string; charged?: number | null } = {}): Promise<void> {
  const { state = "completed", charged = 20_00 } = changes;
  await sql`insert into commands (id, organization_id, gateway, mode, kind, object, intention, plan,
      status, asked_by_kind, asked_by_label, settled_at)
    values ('cmd_1', ${org}, 'stripe', 'test', 'order.checkout', 'order:x', 'x', '{}', 'done',
      'member', 'Olga', now())`;
  await sql`insert into orders (id, organization_id, product_id, command_id, gateway, mode, price_ref,
      quantity, currency, amount_minor, state, page, is_paid, payment_ref, charged_minor, completed_at)
    values ('ord_1', ${org}, 'prd_1', 'cmd_1', 'stripe', 'test', 'price_1', 2, 'EUR', 3000, ${state},
      'complete', true, 'pi_1', ${charged}, now())`;
}

function noted() {
  const notice = { kind: "order_completed", object: "stripe:test:ord_1", attempt: 0 } as const;
  return noteNotice(db(), { ...notice, organizationId: org });
}

describe("a completed order", () => {
  test("is told to those who do the billing: what was bought, what was charged, and where it is", async () => {
    await order();
    expect([await noted(), await noted()]).toEqual([true, false]);

    expect(await send()).toBeNull();

    const [mail, ...more] = await listMailbox();
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ subject: "You bought Credits × 2" });
    const text = JSON.stringify(mail);
    expect(text).toContain("/portal/acme/orders/ord_1");
    expect(text).toContain("€20.00");
    const [sent] = await sql<{ recipients: string[] }[]>`select recipients from notices`;
    expect(sent?.recipients).toEqual(["bill@acme.test", "owner@acme.test"]);
  });

  test("is told when it is known what was charged, and not with what was only asked", async () => {
    await order({ charged: null });
    await noted();

    await expect(send()).rejects.toMatchObject({ code: "not_yet" });
    expect(await listMailbox()).toEqual([]);

    await sql`update orders set charged_minor = 1800`;
    expect(await send()).toBeNull();
    expect(JSON.stringify(await listMailbox())).toContain("€18.00");
  });

  test("is not told any more where the money went back before", async () => {
    await order({ state: "refunded" });
    await noted();

    expect(await send()).toBe("The order is refunded by now.");
  });
});

describe("what is given free of charge", () => {
  const inDays = (days: number) => addDays(new Date(), days).toISOString().slice(0, 10);

  async function gives(until: string) {
    const { revision } = await findGranting(ada, { organizationId: org, mode: "test" });
    const wish = {
      organizationId: org,
      given: "pln_business",
      until,
      reason: "Speakers",
      revision,
    };
    return giveComp(ada, wish);
  }

  test("is told at once, with its end and without the administrator's reason", async () => {
    const until = inDays(30);
    await Promise.all([gives(until), gives(until)].map((each) => each.catch(() => undefined)));

    expect(await send()).toBeNull();

    const [mail, ...more] = await listMailbox();
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ subject: "Business is yours free of charge" });
    expect(JSON.stringify(mail)).toContain(dayInWords(new Date(until)));
    expect(JSON.stringify(mail)).not.toContain("Speakers");
  });

  test("is told again in the week before its end, once", async () => {
    await gives(inDays(30));
    await sql`delete from notices`;
    const days = [20, 25, 29].map((day) => addDays(new Date(), day));

    const told: number[] = [];
    for (const day of days) told.push(await noteEndingComps(day));

    expect(told).toEqual([0, 1, 0]);
    expect(await send()).toBeNull();
    expect(await listMailbox()).toMatchObject([
      { subject: `Business ends on ${dayInWords(new Date(inDays(30)))}` },
    ]);
  });

  test("is not told again where it was given for a week or less", async () => {
    await gives(inDays(5));

    expect(await noteEndingComps(new Date())).toBe(0);
  });

  test("is not told where it was ended before the mail left", async () => {
    const { comp } = await gives(inDays(30));
    await noteEndingComps(addDays(new Date(), 25));
    await endComp(ada, { organizationId: org, compId: comp.id, reason: "They did not come" });

    expect(await send()).toBe("It is over by now.");
    expect(await noteEndingComps(addDays(new Date(), 26))).toBe(0);
    expect(await listMailbox()).toEqual([]);
  });
});
