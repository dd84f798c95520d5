import { execFile } from "node:child_process";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { recomputeDue } from "#lib/billing/clock.ts";
import { unlinkCustomer } from "#lib/billing/commands.ts";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { advanceRebuild, giveUpRebuild, rebuild } from "#lib/inbox/rebuild.ts";
import { claimNotice } from "#lib/notices/store.ts";
import { startSyncing } from "#lib/worker/run.ts";
import {
  deliver,
  makeOrganization,
  prepareBilling,
  settle,
  tierOf,
} from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { fetchFrom, fetchFromStub, payloadsOnly } from "#tests/support/fetching.ts";
import { play, type Step, steps } from "#tests/support/histories.ts";
import {
  everything,
  keepWatching,
  mirrored,
  operator,
  place,
  rebuilt,
} from "#tests/support/rebuilding.ts";
import { ada } from "#tests/support/settings.ts";
import { customer, event, invoice } from "#tests/support/stripe-objects.ts";

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);
const stub = await fetchFromStub();
payloadsOnly();

const startsAt = Math.floor(Date.now() / 1000) - 24 * 3600;
let run = 0;

beforeEach(async () => {
  await sql`truncate organizations, gateway_objects, customers, webhook_events, event_keys, gateway_products,
    subscriptions, invoices, payments, disputes, checkouts, notices, alerts, rebuilds, pgboss.job cascade`;
});

afterEach(payloadsOnly);

/** Organizations whose histories were told, all of it synced. */
async function told(...histories: Step[][]): Promise<string[]> {
  run += 1;
  const prefixes = histories.map((_, n) => `r${run}x${n}`);
  for (const [n, history] of histories.entries()) {
    const prefix = prefixes[n] ?? "";
    await makeOrganization(sql, `org_${prefix}`);
    for (const moment of play(prefix, history, startsAt)) {
      stub.set(...moment.objects);
      for (const each of moment.events) await deliver(each);
    }
  }
  await settle(sql, 6);
  return prefixes;
}

/** Begins a rebuild and stops the command as soon as everything is empty, with no worker in sight. */
async function emptied(): Promise<void> {
  const gone = AbortSignal.abort();
  expect(await rebuild(operator, place, { signal: gone })).toBeUndefined();
  expect(await mirrored(sql)).toBe(0);
}

const past: Step[] = [{ kind: "renew" }, { kind: "fail" }];

test("an emptied mirror is brought back by the stored payloads as it was (payload mode)", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 3 }), async (histories) => {
      await told(...histories);
      const before = await everything(sql);

      expect((await rebuilt(sql))?.kept).toEqual([]);
      expect(await everything(sql)).toEqual(before);
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 3), endOnFailure: true },
  );
}, 300_000);

test("a rebuild that is stopped in the middle keeps tiers, and goes on when asked again", async () => {
  const [prefix = ""] = await told(past, [{ kind: "cancel" }]);
  const before = await everything(sql);
  const tiers = keepWatching(sql);
  await emptied();

  await sql`update organizations set tier_valid_until = now() - interval '1 hour'
    where tier_valid_until is not null`;
  // Nor do they stand in the way of others whose time has come.
  expect(await recomputeDue()).toBe(0);
  expect((await entitlementsOf(`org_${prefix}`)).tier.code).toBe("pro");
  // What an event asks for meanwhile is answered as ever; the tier waits for the rest.
  await deliver(
    event("customer.updated", customer({ id: `cus_${prefix}_1` }), { created: startsAt }),
  );
  await settle(sql);
  await advanceRebuild();

  expect((await rebuilt(sql))?.kept).toEqual([]);
  expect(await tiers.stop()).toHaveProperty("size", 1);
  expect(await everything(sql)).toEqual(before);
});

test("a grace that ends meanwhile is found at the end, with the rebuild as its cause", async () => {
  const [prefix = ""] = await told([{ kind: "fail" }]);
  expect(await tierOf(sql, `org_${prefix}`)).toBe("pro");
  await emptied();
  await sql`insert into settings (key, value) values ('graceDays', '0')
    on conflict (key) do update set value = excluded.value`;
  await recomputeDue();
  expect(await tierOf(sql, `org_${prefix}`)).toBe("pro");

  await expect(rebuilt(sql)).rejects.toThrow(/ tir_pro \| .* tir_free$/);
  expect(await tierOf(sql, `org_${prefix}`)).toBe("free");
  const changes = await sql`
    select cause, because from tier_changes where organization_id = ${`org_${prefix}`} order by id`;
  expect(changes.at(-1)).toMatchObject({
    cause: "rebuild",
    because: expect.stringContaining("grace ended"),
  });
  await sql`delete from settings where key = 'graceDays'`;
});

test("records that went wrong are right again, and what nothing stands behind is named", async () => {
  const [prefix = ""] = await told(past);
  const before = await everything(sql);
  await sql`update subscriptions set status = 'canceled', plan_id = null, organization_id = null`;
  await sql`update invoices set status = 'void', lines = '[]', organization_id = null`;
  await sql`update payments set amount_minor = 1, organization_id = null`;
  await sql`update customers set email = 'wrong@example.com'`;
  await sql`insert into payments (id, gateway, mode, ref, status, currency, amount_minor, refunded_minor, is_disputed)
    values ('pay_stray', 'stripe', 'test', 'pi_stray', 'succeeded', 'EUR', 1, 0, false)`;

  expect((await rebuilt(sql))?.kept).toEqual([
    {
      type: "payment",
      ref: "pi_stray",
      because: expect.stringContaining("No event has described"),
    },
  ]);
  await sql`delete from payments where ref = 'pi_stray'`;
  expect(await everything(sql)).toEqual(before);
  expect(await tierOf(sql, `org_${prefix}`)).toBe("pro");
});

test("what its payloads have left stays as it was, and so does the tier", async () => {
  const [prefix = ""] = await told(past);
  const before = await everything(sql);
  await sql`update webhook_events set payload_object = null where event_ref like ${`evt_${prefix}_%`}`;

  const kept = (await rebuilt(sql))?.kept.map(({ type }) => type);

  expect(new Set(kept)).toEqual(
    new Set(["checkout", "customer", "invoice", "payment", "subscription"]),
  );
  expect(await everything(sql)).toEqual(before);
});

test("a key that knows none of it takes nothing away (fetch mode)", async () => {
  const [prefix = ""] = await told(past, [{ kind: "dispute", won: false }]);
  fetchFrom(stub);
  await rebuilt(sql);
  const before = await everything(sql);
  for (const { ref } of await sql`select ref from gateway_objects`) stub.remove(ref);

  const kept = (await rebuilt(sql))?.kept ?? [];

  expect(kept.map(({ ref }) => ref)).toContain(`sub_${prefix}_1`);
  expect(kept[0]?.because).toContain("under this key");
  expect(await everything(sql)).toEqual(before);
});

test("what a rebuild finds is no news, what an event tells meanwhile is", async () => {
  const [prefix = ""] = await told([{ kind: "fail" }]);
  await sql`delete from notices`;
  await emptied();
  const news = invoice({
    id: `in_${prefix}_9`,
    customer: `cus_${prefix}_1`,
    status: "open",
    amount_paid: 0,
    amount_remaining: 2900,
    attempt_count: 1,
  });
  await deliver(event("invoice.payment_failed", news));
  const again = { ...news, id: `in_${prefix}_2`, attempt_count: 2 };
  const now = Math.floor(Date.now() / 1000);
  await deliver(event("invoice.payment_failed", again, { created: now }));
  await advanceRebuild();

  await rebuilt(sql);

  expect(await sql`select object, attempt from notices order by object`).toEqual([
    { object: `stripe:test:in_${prefix}_2`, attempt: 2 },
    { object: `stripe:test:in_${prefix}_9`, attempt: 1 },
  ]);
});

test("a mail that was due before waits until its invoice is back", async () => {
  const [prefix = ""] = await told([{ kind: "fail" }]);
  const [notice] = await sql<{ id: string }[]>`
    select id from notices where object = ${`stripe:test:in_${prefix}_2`}`;
  await sql`update organizations set billing_email = 'pay@example.com'`;
  await emptied();

  await expect(claimNotice(notice?.id ?? "")).rejects.toMatchObject({ code: "not_yet" });
  await rebuilt(sql);
  expect(await claimNotice(notice?.id ?? "")).toMatchObject({ state: "claimed" });
});

test("one that is given up puts back what is not there", async () => {
  await told(past, [{ kind: "refund", half: true }]);
  const before = await everything(sql);
  await emptied();

  await giveUpRebuild(operator, place);

  expect(await everything(sql)).toEqual(before);
  await settle(sql);
  expect(await everything(sql)).toEqual(before);
});

test("there is one at a time, everybody is told, and nobody is unlinked in it", async () => {
  const [prefix = ""] = await told(past);
  await emptied();

  await expect(rebuild(operator, { ...place, mode: "live" })).rejects.toThrow(/under way/);
  await expect(giveUpRebuild(operator, { ...place, mode: "live" })).rejects.toThrow(/is open/);
  const [linked] = await sql<
    { id: string }[]
  >`select id from customers where ref = ${`cus_${prefix}_1`}`;
  await expect(
    unlinkCustomer(ada, { customerId: linked?.id ?? "", reason: "wrong" }),
  ).rejects.toThrow(/being rebuilt/);
  const alert = () => sql`select 1 from alerts where kind = 'rebuild' and cleared_at is null`;
  expect(await alert()).toHaveLength(1);

  await rebuilt(sql);
  expect(await alert()).toHaveLength(0);
  const deeds =
    await sql`select actor_kind, subject from audit_entries where action = 'rebuild.begin'`;
  expect(deeds.at(-1)).toEqual({ actor_kind: "command_line", subject: "stripe:test" });
});

test("a mirror that somebody emptied comes back, without a tier in between", async () => {
  await told(past, [{ kind: "dispute", won: true }]);
  const ids = /"id":"(sub|ivc|pay|dsp|chk)_\w+"/g;
  const seen = async () => JSON.stringify(await everything(sql)).replaceAll(ids, "");
  const before = await seen();
  await sql`truncate subscriptions, invoices, payments, disputes, checkouts`;

  expect((await rebuilt(sql))?.kept).toEqual([]);
  expect(await seen()).toEqual(before);
});

test("the command says what it did, and fails where something could not be derived", async () => {
  await told([{ kind: "renew" }]);
  const syncing = startSyncing(2);
  const clean = await command();
  await sql`insert into disputes (id, gateway, mode, ref, status, gateway_status, currency, amount_minor)
    values ('dsp_stray', 'stripe', 'test', 'dp_stray', 'open', 'needs_response', 'EUR', 1)`;
  const stray = await command();
  await syncing.stop();

  expect(clean).toMatchObject({ code: 0, out: expect.stringMatching(/^Rebuilt: \d+ objects, 0 /) });
  expect(stray.code).toBe(1);
  expect(stray.out).toContain("  dispute dp_stray: No event has described");
}, 60_000);

function command(): Promise<{ code: number; out: string }> {
  const script = path.resolve(import.meta.dirname, "../../scripts/rebuild.ts");
  const env = { ...process.env, DATABASE_URL: database.url };
  return new Promise((done) => {
    const args = [script, "--gateway", "stripe", "--mode", "test"];
    const child = execFile(process.execPath, args, { env }, (_, out) =>
      done({ code: child.exitCode ?? -1, out }),
    );
  });
}
