import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { db } from "#db/client.ts";
import { reloadConfig } from "#lib/config.ts";
import { countFailedFlush, countFetch, countFlush } from "#lib/counters.ts";
import { closeListener } from "#lib/inbox/listener.ts";
import { createMetricsListener } from "#lib/inbox/metrics.ts";
import { syncObject } from "#lib/inbox/sync.ts";
import { enqueue } from "#lib/jobs/boss.ts";
import { makeOrganization } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { signedEvent } from "#tests/support/door.ts";
import { textOf } from "#tests/support/source.ts";
import { event, subscription } from "#tests/support/stripe-objects.ts";
import { openDoor } from "#tests/support/webhooks.ts";

const TOKEN = "a-token-for-scrapers-1";
const database = await useDatabase();
const { sql } = database;
const door = await openDoor(database);

const server = createMetricsListener();
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
afterAll(() => closeListener(server, 1_000));

beforeEach(() => {
  reloadConfig({ METRICS_TOKEN: TOKEN });
});

async function scrape(init: RequestInit = {}, path = "/api/metrics") {
  const authorization = `Bearer ${TOKEN}`;
  const options = { headers: { authorization }, ...init };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, options);
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

/** The number at the end of the line that begins like this; 0 where there is none. */
function numberOf(text: string, series: string): number {
  const line = text.split("\n").find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}

describe("who may read metrics:", () => {
  test("nobody, where no token is configured: there is no such page", async () => {
    reloadConfig({ METRICS_TOKEN: undefined });

    expect(await scrape()).toMatchObject({ status: 404 });
  });

  test.each([
    ["nothing", {}],
    ["another token", { authorization: "Bearer another-token-of-length" }],
    ["the token's beginning", { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ["another scheme", { authorization: `Basic ${TOKEN}` }],
  ])("not one who says %s", async (_, headers: Record<string, string>) => {
    const { status, text } = await scrape({ headers });

    expect(status).toBe(401);
    expect(text).not.toContain("billhook_");
  });

  test("not one who posts", async () => {
    expect(await scrape({ method: "POST" })).toMatchObject({ status: 405 });
  });

  test("and a worker's port tells nothing else", async () => {
    expect(await scrape({}, "/api/health")).toMatchObject({ status: 404 });
  });

  test("a token that could be guessed stops the start", () => {
    expect(() => reloadConfig({ METRICS_TOKEN: "short" })).toThrow("METRICS_TOKEN");
  });
});

test("counts what was stored once a flush, what was refused by reason, and what was unwelcome", async () => {
  const series = {
    stored: 'billhook_webhooks_received_total{gateway="stripe",outcome="new"}',
    repeats: 'billhook_webhooks_received_total{gateway="stripe",outcome="repeat"}',
    refused: 'billhook_webhooks_refused_total{gateway="stripe",reason="signature_mismatch"}',
    notOk: 'billhook_webhooks_not_ok_total{status="400"}',
    tooLarge: 'billhook_webhooks_not_ok_total{status="413"}',
    events: "billhook_flush_events_sum",
    flushes: "billhook_flush_seconds_count",
  };
  const counted = (text: string) =>
    Object.fromEntries(Object.entries(series).map(([name, one]) => [name, numberOf(text, one)]));
  const before = counted((await scrape()).text);
  const { body, headers } = signedEvent(event("customer.subscription.updated", subscription()));

  await door.send({ body, headers });
  await door.send({ body, headers });
  await door.post(Buffer.concat([body, Buffer.from(" ")]), headers);
  await door.send({ announced: 5_000_000 });

  const after = counted((await scrape()).text);
  const grown = Object.keys(series).map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]);
  expect(Object.fromEntries(grown)).toEqual({
    stored: 1,
    repeats: 1,
    refused: 1,
    notOk: 1,
    tooLarge: 1,
    events: 2,
    flushes: 2,
  });
});

test("counts all that one flush stored, each by what became of it, and looks and failed flushes", async () => {
  const series = {
    ignored: 'billhook_webhooks_received_total{gateway="stripe",outcome="ignored"}',
    parked: 'billhook_webhooks_received_total{gateway="stripe",outcome="parked"}',
    events: "billhook_flush_events_sum",
    flushes: "billhook_flush_events_count",
    failed: "billhook_flushes_failed_total",
    looks: 'billhook_fetch_seconds_count{gateway="stripe",outcome="found"}',
  };
  const before = (await scrape()).text;

  const one = { gateway: "stripe", outcome: "ignored" };
  countFlush([one, { ...one, outcome: "parked" }, one], 0.01);
  countFailedFlush();
  countFetch("stripe", "found", 0.2);

  const after = (await scrape()).text;
  const grown = Object.entries(series).map(([name, each]) => [
    name,
    numberOf(after, each) - numberOf(before, each),
  ]);
  expect(Object.fromEntries(grown)).toEqual({
    ...{ ignored: 2, parked: 1, events: 3, flushes: 1 },
    ...{ failed: 1, looks: 1 },
  });
});

describe("tells what the database knows:", () => {
  const ofStripe = '{gateway="stripe",mode="live"}';
  const facts: [string, number][] = [
    [`billhook_objects_due${ofStripe}`, 2],
    [`billhook_objects_parked${ofStripe}`, 1],
    [`billhook_objects_unmatched${ofStripe}`, 3],
    [`billhook_connection_paused${ofStripe}`, 1],
    ['billhook_connection_paused{gateway="paypal",mode="live"}', 0],
    ['billhook_alerts_open{kind="of_this_test"}', 1],
    ['billhook_notices{state="waiting"}', 1],
    ['billhook_notices{state="sent"}', 2],
    ['billhook_notices{state="unknown"}', 3],
    ['billhook_notices{state="dropped"}', 4],
    ['billhook_jobs{kind="partitions",state="waiting"}', 1],
    ['billhook_jobs{kind="partitions",state="running"}', 1],
    ['billhook_jobs{kind="partitions",state="failed"}', 2],
  ];
  let text = "";

  beforeAll(async () => {
    await putThere();
    await untilAskedAnew();
    reloadConfig({ METRICS_TOKEN: TOKEN });
    text = (await scrape()).text;
  });

  test.each(facts)("%s is %i", (series, count) => {
    expect(numberOf(text, series)).toBe(count);
  });
});

/** So many of each kind that none can be taken for another. */
async function putThere(): Promise<void> {
  await sql`
    insert into gateway_objects (gateway, mode, type, ref, rung, synced_rung, waiting_for, parked_at)
    select 'stripe', 'live', 'invoice', 'in_m' || n, 1, synced, waits, parked
    from (values (1, 0, null, null), (2, 0, null, null), (3, 0, null, now()), (4, 1, 'cus_m', null),
      (5, 1, 'cus_m', null), (6, 1, 'cus_m', null), (7, 1, null, null)) as t (n, synced, waits, parked)`;
  await sql`
    insert into gateway_connections (id, gateway, mode, paused_until)
    values ('con_m1', 'stripe', 'live', now() + interval '1 hour'),
      ('con_m2', 'paypal', 'live', now() - interval '1 hour')
    on conflict (gateway, mode) do update set paused_until = excluded.paused_until`;
  await sql`
    insert into alerts (id, kind, subject, message, cleared_at)
    values ('alr_m1', 'of_this_test', 'a', 'x', null), ('alr_m2', 'of_this_test', 'b', 'x', now()),
      ('alr_m3', 'of_this_test', 'c', 'x', now())`;
  await makeOrganization(sql, "org_metrics");
  await sql`
    insert into notices (id, kind, object, attempt, organization_id, claimed_at, sent_at,
      dropped_because)
    select 'ntc_m' || n, 'renewal', 'in_' || n, 1, 'org_metrics',
      case when n > 1 then now() end, case when n in (2, 3) then now() end,
      case when n > 6 then 'paid meanwhile' end
    from generate_series(1, 10) n`;
  for (const state of ["active", "failed", "failed", "created"]) {
    const id = await enqueue(db(), "partitions", {});
    await sql`update pgboss.job set state = ${state}::pgboss.job_state where id = ${id ?? ""}`;
  }
}

/** What the database said is told for a second before it is asked again. */
function untilAskedAnew(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_100));
}

test("tells what waits, and how long a sync took", async () => {
  const { body, headers } = signedEvent(
    event("customer.subscription.updated", subscription({ id: "sub_metrics" })),
  );
  await door.send({ body, headers });
  await sql`update gateway_objects set rung_at = now() - interval '1 hour' where ref = 'sub_metrics'`;
  const [object] = await sql`select id::int from gateway_objects where ref = 'sub_metrics'`;
  await untilAskedAnew();

  const { text, headers: said } = await scrape();
  await syncObject(object?.id);
  const later = (await scrape()).text;

  expect(said.get("content-type")).toContain("version=0.0.4");
  expect(numberOf(text, "billhook_database_up")).toBe(1);
  const due = numberOf(text, 'billhook_objects_due{gateway="stripe",mode="test"}');
  expect(due).toBeGreaterThanOrEqual(1);
  const oldest = numberOf(text, 'billhook_oldest_ring_seconds{gateway="stripe",mode="test"}');
  expect(oldest).toBeGreaterThan(3_500);
  expect(later).toMatch(
    /billhook_sync_seconds_count\{gateway="stripe",source="payload",outcome="\w+"\} 1/,
  );
  expect(later).toContain("process_resident_memory_bytes");
});

test("the dashboard, the alerts and the page name only metrics that there are, and the page all of them", async () => {
  const told = await scrape().then(({ text }) => namesIn(text, /^# HELP (billhook_\w+)/gm));
  const [page, dashboard, alerts] = [
    "docs/monitoring.md",
    "docs/monitoring/dashboard.json",
    "docs/monitoring/alerts.yml",
  ].map((path) => namesIn(textOf(path), /\b(billhook_[a-z_]+)/g));

  expect([...(page ?? [])].sort()).toEqual([...told].sort());
  expect([...(dashboard ?? [])].filter((name) => !told.has(name))).toEqual([]);
  expect([...(alerts ?? [])].filter((name) => !told.has(name))).toEqual([]);
});

function namesIn(text: string, pattern: RegExp): Set<string> {
  const names = [...text.matchAll(pattern)].map(([, name = ""]) => name);
  return new Set(names.map((name) => name.replace(/_(?:bucket|sum|count)$/, "")));
}
