import type { Sql } from "#db/client.ts";
import { reloadConfig } from "#lib/config.ts";
import { type EventFilter, listEvents } from "#lib/inbox/views.ts";
import { type PageRequest, writePosition } from "#lib/keyset.ts";
import { ada } from "#tests/support/settings.ts";
import { fillLog, ORGANIZATIONS, refAt, TYPES } from "./log-fill.ts";

/** How long one page of the webhook log took, at each number of events. */
export type LogPage = {
  readonly name: string;
  readonly rows: number;
  readonly medianMs: readonly number[];
};

export type LogPages = {
  readonly events: readonly number[];
  readonly turns: number;
  readonly pages: readonly LogPage[];
};

const EVENTS = [1_000, 1_000_000];
const TURNS = 20;
/** Without these the first pages would be measured with code that is not compiled yet. */
const WARM_TURNS = 10;

/** Measures the pages of the webhook log as `listEvents` reads them, in a log of each size. */
export async function measureLogPages(sql: Sql, say: (line: string) => void): Promise<LogPages> {
  reloadConfig({ LOG_LEVEL: "warn" });
  let pages: LogPage[] = [];
  for (const count of EVENTS) {
    say(`filling the webhook log with ${count.toLocaleString("en")} events …`);
    await fillLog(sql, count);
    const measured = await measurePages(await asked(sql, count));
    pages = measured.map((page, place) => ({
      ...page,
      medianMs: [...(pages[place]?.medianMs ?? []), ...page.medianMs],
    }));
  }
  return { events: EVENTS, turns: TURNS, pages };
}

type Asked = readonly [name: string, filter: EventFilter, request?: PageRequest];

async function asked(sql: Sql, count: number): Promise<Asked[]> {
  const middle = Math.floor(count / 2);
  const [deep] = await sql<{ id: string; micros: string }[]>`
    select id, (extract(epoch from received_at) * 1000000)::bigint::text as micros
    from webhook_events where event_ref = ${refAt(middle)}`;
  const before = writePosition(deep?.micros ?? "", deep?.id ?? "");
  const organizationId = `org_bench${Math.floor(count / 16) % ORGANIZATIONS}`;
  return [
    ["the newest", {}],
    ["after half of the log", {}, { before }],
    ["of one type", { type: TYPES[2] }],
    ["of one organization", { organizationId }],
    ["with one status, which one event in a hundred has", { status: "parked" }],
    ["with one of the gateway’s event ids", { search: refAt(middle) }],
    ["of a type that never came", { type: "account.updated" }],
    ["of a gateway that never rang", { gateway: "mollie" }],
    ["of the other mode, and one type", { mode: "live", type: TYPES[2] }],
  ];
}

async function measurePages(pages: readonly Asked[]): Promise<LogPage[]> {
  const measured: LogPage[] = [];
  for (const [name, filter, request] of pages) {
    for (let turn = 0; turn < WARM_TURNS; turn++) await listEvents(ada, filter, request);
    const { rows } = await listEvents(ada, filter, request);
    const times: number[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      const began = performance.now();
      await listEvents(ada, filter, request);
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    measured.push({ name, rows: rows.length, medianMs: [times[TURNS / 2] ?? Number.NaN] });
  }
  return measured;
}
