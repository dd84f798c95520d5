import { beforeEach, describe, expect, test } from "vitest";
import { listDeeds } from "#lib/audit/views.ts";
import { newId } from "#lib/ids.ts";
import { findEvent, findEventBody } from "#lib/inbox/event-views.ts";
import { findObject, inboxNumbers, listSyncs } from "#lib/inbox/object-views.ts";
import { findRefused, listRefused } from "#lib/inbox/refused-views.ts";
import { findInLog } from "#lib/inbox/search-views.ts";
import {
  countNewEvents,
  type EventFilter,
  eventQuery,
  listEvents,
  STRETCH,
} from "#lib/inbox/views.ts";
import { writePosition } from "#lib/keyset.ts";
import { useDatabase } from "#tests/support/database.ts";
import {
  administrator,
  customer,
  event,
  gatewayObject,
  organization,
  refusedRequest,
  subscription,
  sync,
} from "#tests/support/view-rows.ts";

const { sql } = await useDatabase();

beforeEach(async () => {
  await sql`truncate webhook_events, event_keys, gateway_objects, syncs, refused_requests,
    customers, organizations, subscriptions, audit_entries cascade`;
});

const refs = (page: { rows: readonly { eventRef: string }[] }) =>
  page.rows.map((row) => row.eventRef);

describe("the webhook log", () => {
  test("shows the newest event first, with what it is about and how often it came", async () => {
    const owner = await organization({ name: "Acme" });
    const object = await gatewayObject({ ref: "sub_1" });
    const done = await sync({
      objectId: object.id,
      changes: [{ record: "organization Acme", field: "tier", before: "Free", after: "Pro" }],
    });
    await event({ eventRef: "evt_old", receivedAt: new Date("2026-11-01") });
    await event(
      { eventRef: "evt_new", objectId: object.id, organizationId: owner.id, syncId: done.id },
      3,
    );

    const page = await listEvents(administrator, {});

    expect(refs(page)).toEqual(["evt_new", "evt_old"]);
    expect(page.rows[0]).toMatchObject({
      deliveries: 3,
      object: { id: object.id, type: "subscription", ref: "sub_1" },
      organization: { name: "Acme" },
      changes: [{ field: "tier", after: "Pro" }],
    });
    expect(page.rows[1]).toMatchObject({ deliveries: 1, object: null, organization: null });
  });

  test("walks both ways without losing or repeating rows of one instant", async () => {
    const instant = new Date("2026-11-03T14:05:00.000Z");
    for (let i = 0; i < 11; i++) await event({ receivedAt: instant });
    const everything = refs(await listEvents(administrator, {}));

    const forth = [];
    let page = await listEvents(administrator, {}, { limit: 4 });
    forth.push(...refs(page));
    while (page.older) {
      page = await listEvents(administrator, {}, { limit: 4, before: page.older });
      forth.push(...refs(page));
    }
    const back = refs(page);
    while (page.newer) {
      page = await listEvents(administrator, {}, { limit: 4, after: page.newer });
      back.unshift(...refs(page));
    }

    expect(forth).toEqual(everything);
    expect(back).toEqual(everything);
  });

  test("tells apart events that differ by microseconds", async () => {
    for (const micros of ["100", "200", "300"]) {
      const stored = await event({ eventRef: `evt_${micros}` });
      await sql`update webhook_events set received_at = ${`2026-11-03T14:05:00.000${micros}Z`}::text::timestamptz
        where id = ${stored.id}`;
    }

    const first = await listEvents(administrator, {}, { limit: 1 });
    const second = await listEvents(administrator, {}, { limit: 1, before: first.older ?? "" });

    expect([...refs(first), ...refs(second)]).toEqual(["evt_300", "evt_200"]);
  });

  test("keeps a page in its place while new events arrive", async () => {
    for (let i = 0; i < 6; i++) await event({ receivedAt: new Date(Date.UTC(2026, 10, i + 1)) });
    const first = await listEvents(administrator, {}, { limit: 3 });
    const before = await listEvents(administrator, {}, { limit: 3, before: first.older ?? "" });

    await event();
    const after = await listEvents(administrator, {}, { limit: 3, before: first.older ?? "" });

    expect(refs(after)).toEqual(refs(before));
  });

  test.each([
    ["gateway", { gateway: "mollie" }],
    ["mode", { mode: "live" as const }],
    ["type", { type: "invoice.paid" }],
    ["a status that needs somebody", { status: "parked" as const }],
    ["the usual status", { status: "received" as const }],
    ["the time after", { from: new Date("2026-11-02") }],
  ])("narrows by %s", async (_name, filter) => {
    await event({ eventRef: "evt_other", receivedAt: new Date("2026-11-01") });
    await event({
      eventRef: "evt_wanted",
      receivedAt: new Date("2026-11-03"),
      gateway: "gateway" in filter ? "mollie" : "stripe",
      mode: "mode" in filter ? "live" : "test",
      type: "type" in filter ? "invoice.paid" : "invoice.created",
      status: "status" in filter ? filter.status : "processed",
    });

    expect(refs(await listEvents(administrator, filter))).toEqual(["evt_wanted"]);
  });

  test("narrows by several things at once", async () => {
    const owner = await organization();
    const wanted = { organizationId: owner.id, type: "invoice.paid", status: "processed" as const };
    await event({ ...wanted, eventRef: "evt_wanted" });
    await event({ ...wanted, type: "invoice.created" });
    await event({ ...wanted, organizationId: null });

    expect(refs(await listEvents(administrator, { ...wanted, mode: "test" }))).toEqual([
      "evt_wanted",
    ]);
  });

  test("finds an event by its id, the gateway's id, its object's and its customer's", async () => {
    await customer({ ref: "cus_9" });
    const waiting = await gatewayObject({ ref: "sub_9", waitingFor: "cus_9" });
    const stored = await event({ eventRef: "evt_9", objectId: waiting.id });
    await event();

    const found = await Promise.all(
      [stored.id, "evt_9", "sub_9", "cus_9", " evt_9 "].map((search) =>
        listEvents(administrator, { search }),
      ),
    );

    expect(found.map(refs)).toEqual(Array(5).fill(["evt_9"]));
    expect(refs(await listEvents(administrator, { search: "nothing like it" }))).toEqual([]);
  });

  test("refuses a place that was made up, and keeps pages within reason", async () => {
    await event();
    const made = writePosition("1", "gev_x");
    for (const place of [made, "x", "9999999999999999-gev_00000000000000000000000000", "'; drop"]) {
      await expect(listEvents(administrator, {}, { before: place })).rejects.toMatchObject({
        code: "invalid_input",
      });
    }
    expect((await listEvents(administrator, {}, { limit: -5 })).rows).toHaveLength(1);
    expect((await listEvents(administrator, {}, { limit: 1e9 })).rows).toHaveLength(1);
  });

  test("counts what came after a place", async () => {
    await event({ receivedAt: new Date("2026-11-01") });
    await event({ receivedAt: new Date("2026-11-02"), mode: "live" });
    await event({ receivedAt: new Date("2026-11-03") });
    const since = writePosition(String(Date.UTC(2026, 10, 1, 1) * 1000), newId("gev"));

    expect(await countNewEvents(administrator, {}, since)).toBe(2);
    expect(await countNewEvents(administrator, { mode: "live" }, since)).toBe(1);
  });

  test("finds at once what is rare or never came, behind any number of others", async () => {
    await fill(5_000);
    await event({ eventRef: "evt_rare", mode: "live", receivedAt: new Date("2020-01-01") });
    const filters: EventFilter[] = [
      { mode: "live" },
      { mode: "live", gateway: "stripe" },
      { mode: "live", type: "customer.subscription.updated", status: "processed" },
      { type: "customer.subscription.updated" },
    ];

    for (const filter of filters) {
      expect(refs(await listEvents(administrator, filter)), JSON.stringify(filter)).toEqual([
        "evt_rare",
      ]);
    }
    for (const never of [{ gateway: "mollie" }, { type: "x" }, { status: "failed" as const }]) {
      expect(await listEvents(administrator, never)).toMatchObject({ rows: [], searchedTo: null });
    }
  });

  test("merges what came from several gateways and modes, page by page, both ways", async () => {
    for (let i = 0; i < 12; i++) {
      await event({
        receivedAt: new Date(Date.UTC(2026, 10, 1, i)),
        gateway: i % 3 === 0 ? "paypal" : "stripe",
        mode: i % 4 === 0 ? "live" : "test",
        status: i % 5 === 0 ? "parked" : "processed",
        type: "invoice.paid",
      });
    }
    for (const filter of [{}, { type: "invoice.paid" }]) {
      const all = refs(await listEvents(administrator, filter));
      const first = await listEvents(administrator, filter, { limit: 5 });
      const second = await listEvents(administrator, filter, {
        limit: 5,
        before: first.older ?? "",
      });
      const back = await listEvents(administrator, filter, { limit: 5, after: second.newer ?? "" });

      expect(all).toHaveLength(12);
      expect([...refs(first), ...refs(second)]).toEqual(all.slice(0, 10));
      expect(refs(back)).toEqual(refs(first));
    }
  });

  test("shows an event once where its object waits for a customer and names it too", async () => {
    await customer({ ref: "cus_8" });
    const object = await gatewayObject({ ref: "sub_8", waitingFor: "cus_8" });
    await subscription({ ref: "sub_8", customerRef: "cus_8" });
    await event({ eventRef: "evt_8", objectId: object.id, ring: 1 });

    expect(refs(await listEvents(administrator, { search: "cus_8" }))).toEqual(["evt_8"]);
  });

  test("walks what is about one object by time, though events of one moment rang in another order", async () => {
    const object = await gatewayObject({ ref: "sub_busy", rung: 600 });
    await fill(600);
    await sql`update webhook_events set object_id = ${object.id}, ring = n
      from generate_series(1, 600) as n
      where event_ref = 'evt_' || (n + case when n % 200 < 100 then 100 else -100 end)`;
    const rows = await sql<{ ref: string }[]>`select event_ref as ref from webhook_events
      where object_id = ${object.id} order by received_at desc`;

    const walked = [];
    let page = await listEvents(administrator, { search: "sub_busy" });
    walked.push(...refs(page));
    while (page.older) {
      page = await listEvents(administrator, { search: "sub_busy" }, { before: page.older });
      walked.push(...refs(page));
    }

    expect(rows.length).toBeGreaterThan(500);
    expect(walked).toEqual(rows.map(({ ref }) => ref));
  });

  test("reads no more about a busy object than a page needs", async () => {
    const object = await gatewayObject({ ref: "sub_busy", rung: 5_000 });
    await fill(40_000);
    await sql`update webhook_events set object_id = case when n % 8 = 0 then ${object.id} else ${object.id} + n end,
      ring = n from generate_series(1, 40000) as n where event_ref = 'evt_' || n`;
    await sql`vacuum analyze webhook_events`;

    const query = eventQuery({}, await findInLog("sub_busy")).toSQL();
    const [plan] = await sql.unsafe(
      `explain (analyze, format json) ${query.sql}`,
      query.params as never[],
    );
    const read: { rows: number; of: string }[] = [];
    JSON.stringify(plan, (_, node) => {
      if (node?.["Relation Name"]) {
        read.push({ rows: node["Actual Rows"], of: node["Relation Name"] });
      }
      return node;
    });

    expect(read.length).toBeGreaterThan(0);
    expect(read.filter(({ rows }) => rows > 500)).toEqual([]);
    expect(refs(await listEvents(administrator, { search: "sub_busy" }))).toHaveLength(50);
  });

  test("stops after one long stretch, says how far it looked, and goes on from there", async () => {
    await fill(STRETCH + 500);
    await event({
      eventRef: "evt_rare",
      status: "received",
      gateway: "stripe",
      receivedAt: new Date("2020-01-01"),
    });

    const first = await listEvents(administrator, { status: "received" });
    const second = await listEvents(
      administrator,
      { status: "received" },
      { before: first.older ?? "" },
    );

    expect(first.rows).toEqual([]);
    expect(first.searchedTo).toBeInstanceOf(Date);
    expect(refs(second)).toEqual(["evt_rare"]);
    expect(second.older).toBeNull();
  });

  test("reads a deep page from an index, whatever it is narrowed by", async () => {
    await fill(20_000);
    await sql`analyze webhook_events`;
    const before = writePosition(String(Date.UTC(2026, 9, 10) * 1000), newId("gev"));
    const filters = [
      [{}, undefined],
      [{ mode: "test" as const }, undefined],
      [{ type: "invoice.paid" }, undefined],
      [{ status: "parked" as const }, undefined],
      [{ status: "processed" as const }, undefined],
      [{ gateway: "stripe", mode: "live" as const, type: "invoice.paid" }, undefined],
      [{ organizationId: "org_1", type: "invoice.paid" }, undefined],
      [{ organizationId: "org_1" }, undefined],
      [{}, await findInLog("evt_1")],
    ] as const;

    for (const [filter, found] of filters) {
      const query = eventQuery(filter, found, { before }).toSQL();
      const plan = await sql.unsafe(`explain ${query.sql}`, query.params as never[]);
      const lines = plan.map((row) => String(row["QUERY PLAN"])).join("\n");
      expect(lines, lines).not.toContain("Seq Scan on webhook_events_filled");
    }
  });
});

/** Events a minute apart, in a month of their own, as the partitions of a running deployment are. */
async function fill(count: number) {
  await sql`create table if not exists webhook_events_filled partition of webhook_events
    for values from ('2026-10-01') to ('2026-11-01')`;
  await sql`
    insert into webhook_events (id, received_at, gateway, mode, account, event_ref, type, headers, body, status,
      organization_id)
    select 'gev_' || lpad(n::text, 26, '0'), timestamptz '2026-10-01' + n * interval '1 minute', 'stripe',
      'test', '', 'evt_' || n, case when n % 9 = 0 then 'invoice.paid' else 'invoice.created' end, '{}', '\\x7b7d',
      case when n % 500 = 0 then 'parked' else 'processed' end,
      case when n % 100 = 0 then 'org_' || (n / 100) % 20 end
    from generate_series(1, ${count}) as n`;
}

describe("an event's page", () => {
  test("says which secret proved it, what every attempt did and who rang with it", async () => {
    const [{ id: secretId = "" } = {}] = await sql`
      with connection as (
        insert into gateway_connections (id, gateway, mode) values ('con_1', 'stripe', 'test') returning id
      )
      insert into signing_secrets (id, connection_id, label, source, sealed, last_four, fingerprint)
      select 'sec_1', id, 'Main endpoint', 'stored', '\\x00', 'wxyz', 'f' from connection returning id`;
    const object = await gatewayObject({ rung: 3 });
    const received = new Date(Date.now() - 60_000);
    await sync({ objectId: object.id, ring: 1, at: new Date(received.getTime() - 1000) });
    const failed = await sync({
      objectId: object.id,
      ring: 2,
      outcome: "failed",
      reason: "Stripe did not answer.",
      at: new Date(received.getTime() + 1000),
    });
    const done = await sync({
      objectId: object.id,
      ring: 3,
      at: new Date(received.getTime() + 2000),
      changes: [{ record: "subscription sub_1", field: "status", before: null, after: "active" }],
    });
    const [first, second] = [
      await event(
        { objectId: object.id, ring: 2, syncId: done.id, secretId, receivedAt: received },
        2,
      ),
      await event({ objectId: object.id, ring: 3, syncId: done.id, receivedAt: received }),
    ];

    const page = await findEvent(administrator, first.id);

    expect(page).toMatchObject({
      secret: { label: "Main endpoint", lastFour: "wxyz", mode: "test" },
      deliveries: { count: 2 },
      attempts: [{ id: failed.id }, { id: done.id }],
      covering: { id: done.id, changes: [{ field: "status", after: "active" }] },
      others: [{ id: second.id }],
      rangTogether: 1,
    });
  });

  test("is found although its row carries another moment than its id", async () => {
    const stored = await event({ receivedAt: new Date("2020-01-01") });
    await sql`update webhook_events set id = ${newId("gev")} where id = ${stored.id}`;
    const [{ id = "" } = {}] = await sql`select id from webhook_events`;

    expect(await findEvent(administrator, id)).toMatchObject({ id });
  });

  test("gives the exact bytes that were signed", async () => {
    const body = Buffer.from([0x7b, 0x00, 0xff, 0x7d]);
    const stored = await event({ body });

    const found = await findEventBody(administrator, stored.id);

    expect(found?.body.equals(body)).toBe(true);
  });

  test.each(["", "gev_1", "evt_1", "'; drop table", `gev_${"z".repeat(500)}`, newId("gev")])(
    "is nothing for %j",
    async (id) => {
      expect(await findEvent(administrator, id)).toBeUndefined();
      expect(await findEventBody(administrator, id)).toBeUndefined();
      expect(await findRefused(administrator, id)).toBeUndefined();
    },
  );
});

describe("refused requests", () => {
  test("are listed newest first and narrowed by why", async () => {
    const old = await refusedRequest({ receivedAt: new Date("2026-11-01") });
    const missing = await refusedRequest({ refusal: "signature_missing" });

    const all = await listRefused(administrator, {});
    const some = await listRefused(administrator, { refusal: "signature_missing" });

    expect(all.rows.map((row) => row.id)).toEqual([missing.id, old.id]);
    expect(some.rows.map((row) => row.id)).toEqual([missing.id]);
  });
});

describe("an object and the numbers", () => {
  test("names the customer that it waits for", async () => {
    const unlinked = await customer({ ref: "cus_7" });
    const object = await gatewayObject({ waitingFor: "cus_7" });

    expect(await findObject(administrator, object.id)).toMatchObject({
      waitingCustomer: { id: unlinked.id },
    });
    expect(await findObject(administrator, Number.NaN)).toBeUndefined();
  });

  test("tells its looks, newest first, page by page", async () => {
    const object = await gatewayObject();
    for (let i = 1; i <= 3; i++) {
      await sync({ objectId: object.id, ring: i, at: new Date(Date.UTC(2026, 10, i)) });
    }

    const first = await listSyncs(administrator, object.id, { limit: 2 });
    const second = await listSyncs(administrator, object.id, {
      limit: 2,
      before: first.older ?? "",
    });

    expect([...first.rows, ...second.rows].map((row) => row.ring)).toEqual([3, 2, 1]);
  });

  test("counts one mode, and says how long work has waited", async () => {
    const now = new Date();
    const rungAt = new Date(now.getTime() - 90_000);
    await event();
    await event({ mode: "live" });
    await gatewayObject({ rungAt, nextAttemptAt: rungAt });
    await gatewayObject({ mode: "live" });
    await gatewayObject({ rung: 1, syncedRung: 1, waitingFor: "cus_1" });
    await gatewayObject({ parkedAt: now });
    await refusedRequest();

    const numbers = await inboxNumbers(administrator, "test", new Date(now.getTime() + 1000));

    expect(numbers).toMatchObject({
      received: 1,
      waiting: 1,
      unmatched: 1,
      parked: 1,
      refused: 1,
      lagMs: 91_000,
    });
  });
});

test("the audit log reads newest first and by organization", async () => {
  for (const [id, organizationId] of [
    [newId("aud"), "org_a"],
    [newId("aud"), null],
  ] as const) {
    await sql`insert into audit_entries (id, actor_kind, actor_label, action, subject, organization_id)
      values (${id}, 'user', 'Ada', 'customer.link', 'cus_1', ${organizationId})`;
  }

  expect((await listDeeds(administrator)).rows).toHaveLength(2);
  expect((await listDeeds(administrator, {}, { organizationId: "org_a" })).rows).toHaveLength(1);
});
