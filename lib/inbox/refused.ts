import { sql } from "#db/client.ts";
import type { GatewayName } from "../gateways/gateway.ts";
import type { Refusal } from "../gateways/verdict.ts";
import { newId } from "../ids.ts";
import { log } from "../log.ts";
import { batcher } from "./batch.ts";
import { drainClockAlerts } from "./clock-alert.ts";
import { briefly, failureOf } from "./failures.ts";
import { keptHeaders } from "./kept-headers.ts";
import { storable } from "./lines.ts";
import { bucketsBySource, tokenBucket } from "./token-bucket.ts";

/** A request that was not believed. */
export type RefusedRequest = {
  readonly gateway: GatewayName;
  readonly refusal: Refusal;
  readonly diagnosis: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly remoteAddress: string | undefined;
};

/** What refused requests may take up in all. */
export type Budget = { readonly rows: number; readonly bytes: number };

const KIB = 1_024;
const BUDGET: Budget = { rows: 5_000, bytes: 65_536 * KIB };
const BODY_KEPT_MAX = 256 * KIB;
const ROWS_BETWEEN_TRIMS = 50;
const COUNTS_PAUSE_MS = 1_000;

/** One row for each forged request would make of every forgery a write: a flood is only counted. */
const kept = tokenBucket(200, 20);
/** One sender gets half of that at most: others' mistakes need the rest. */
const keptOf = bucketsBySource({ capacity: 100, perSecond: 10, sourcesMax: 1_000 });
const line = batcher<RefusedRequest, string>({
  flush,
  failureOf,
  flushesAtOnce: 1,
  rowsBesideAnother: 1,
  rowsPerFlush: 64,
  bytesPerFlush: 4_096 * KIB,
  waitingRowsMax: 500,
  waitingBytesMax: 16_384 * KIB,
  timeLimitMs: 1_000,
});

let untrimmed = ROWS_BETWEEN_TRIMS;
let dropped = new Map<string, { gateway: string; refusal: string; count: number }>();
let counting: Promise<void> | undefined;

/** Keeps a refused request for the log page, within the budget; answers its id, or undefined when it was only counted. */
export async function keepRefused(request: RefusedRequest): Promise<string | undefined> {
  if (keptOf.take(request.remoteAddress) && kept.take()) {
    try {
      return await line.add(request, Math.min(request.body.length, BODY_KEPT_MAX) + KIB);
    } catch (error) {
      log().warn({ cause: briefly(error) }, "a refused request was not kept");
    }
  }
  count(request);
  return undefined;
}

/** Waits until everything that was taken on is written. */
export async function drainRefused(): Promise<void> {
  await line.drain();
  await Promise.all([counting, drainClockAlerts()]);
}

async function flush(requests: readonly RefusedRequest[]): Promise<string[]> {
  let next = 1;
  const bodies: Buffer[] = [];
  const rows = requests.map((request) => {
    const { body } = request;
    const from = next;
    const isKept = body.length <= BODY_KEPT_MAX;
    if (isKept) {
      next += body.length;
      bodies.push(body);
    }
    return {
      id: newId("rfd"),
      gateway: request.gateway,
      refusal: request.refusal,
      diagnosis: storable(request.diagnosis),
      headers: keptHeaders(request.headers),
      remote_address: request.remoteAddress ? storable(request.remoteAddress) : null,
      body_size: body.length,
      from: isKept ? from : null,
    };
  });
  await sql()`
    insert into refused_requests
      (id, gateway, refusal, diagnosis, headers, remote_address, body_size, body)
    select id, gateway, refusal, diagnosis, headers, remote_address, body_size,
      substring(${Buffer.concat(bodies)}::bytea from "from" for body_size)
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as given(
      id text, gateway text, refusal text, diagnosis text, headers jsonb, remote_address text,
      body_size int, "from" int)`;
  untrimmed += rows.length;
  if (untrimmed >= ROWS_BETWEEN_TRIMS) {
    untrimmed = 0;
    await trimRefused();
  }
  return rows.map(({ id }) => id);
}

/**
 * Takes away what is over the budget and counts it: first what could not be a gateway's with another
 * secret, or became an event already; then the oldest of whoever has most.
 */
export async function trimRefused(budget: Budget = BUDGET): Promise<void> {
  await sql()`
    with told as (
      select id, received_at, octet_length(body) as size,
        accepted_at is null
          and refusal not in ('signature_missing', 'signature_malformed') as is_hopeful,
        remote_address
      from refused_requests
    ),
    shared as (
      select *, row_number() over (
        partition by is_hopeful, remote_address order by received_at desc, id desc) as nth
      from told
    ),
    ranked as (
      select id, row_number() over best as place, sum(coalesce(size, 0)) over best as bytes
      from shared
      window best as (order by is_hopeful desc, nth, received_at desc, id desc)
    ),
    surplus as (
      select id from refused_requests
      where id in (select id from ranked where place > ${budget.rows} or bytes > ${budget.bytes})
      order by id
      for update skip locked
    ),
    gone as (
      delete from refused_requests using surplus where refused_requests.id = surplus.id
      returning gateway, refusal, refused_requests.accepted_at
    )
    insert into refused_counts as known (hour, gateway, refusal, dropped)
    select date_trunc('hour', now(), 'UTC'), gateway, refusal, count(*)
    from gone where accepted_at is null
    group by gateway, refusal
    order by gateway, refusal
    on conflict (hour, gateway, refusal) do update set dropped = known.dropped + excluded.dropped`;
}

function count({ gateway, refusal }: RefusedRequest): void {
  const key = `${gateway} ${refusal}`;
  const known = dropped.get(key);
  if (known) known.count += 1;
  else dropped.set(key, { gateway, refusal, count: 1 });
  counting ??= writeCounts();
}

async function writeCounts(): Promise<void> {
  while (dropped.size > 0) {
    const due = [...dropped.values()];
    dropped = new Map();
    await sql()`
      insert into refused_counts as known (hour, gateway, refusal, dropped)
      select date_trunc('hour', now(), 'UTC'), gateway, refusal, count
      from json_to_recordset(${JSON.stringify(due)}::text::json)
        as given(gateway text, refusal text, count bigint)
      order by gateway, refusal
      on conflict (hour, gateway, refusal) do update set dropped = known.dropped + excluded.dropped
    `.catch((error: unknown) => {
      log().warn({ cause: briefly(error), due }, "refused requests were not counted");
    });
    if (dropped.size > 0) await new Promise((resolve) => setTimeout(resolve, COUNTS_PAUSE_MS));
  }
  counting = undefined;
}
