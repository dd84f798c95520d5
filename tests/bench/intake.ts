import type { Sql } from "#db/client.ts";
import { testSecret } from "#tests/support/stripe-objects.ts";
import type { Contender } from "./contenders.ts";
import { cpuDuring } from "./cpu.ts";
import type { LoadOptions, Stand } from "./figure.ts";
import type { LoadResult } from "./load.ts";

/** Where Stripe posts. */
export const WEBHOOKS = "/api/webhooks/stripe";

/** A turn of load, with the processor time that each answer took of the server and of PostgreSQL for it. */
export type Turn = LoadResult & { readonly cpuMsEach: number | undefined };

/** Signed events for one turn. Every 200 must have its row, and there must be nothing but 200s. */
export async function ingest(
  stand: Stand,
  billhook: Contender,
  run: string,
  options: LoadOptions = {},
): Promise<Turn> {
  const turn = await ingestSome(stand, billhook, run, options);
  mustAllBe("200", turn);
  return turn;
}

/** The same, where some events may be left to be sent again. */
export async function ingestSome(
  stand: Stand,
  billhook: Contender,
  run: string,
  options: LoadOptions = {},
): Promise<Turn> {
  const before = await storedEvents(stand.sql);
  const turn = await metered(stand, billhook, () =>
    stand.load(billhook, WEBHOOKS, { secret: testSecret.secret, run, ...options }),
  );
  const acknowledged = turn.answers["200"] ?? 0;
  const rows = (await storedEvents(stand.sql)) - before;
  if (rows !== acknowledged) throw new Error(`${acknowledged} acknowledged, but ${rows} stored.`);
  return turn;
}

/** Throws unless everything was answered so, and something was. */
export function mustAllBe(status: string, { answers }: LoadResult): void {
  if (!answers[status] || Object.keys(answers).length !== 1) {
    throw new Error(`Answered ${JSON.stringify(answers)}, not ${status} alone.`);
  }
}

/** A turn with the processor time of a process and of PostgreSQL's that serve Billhook. */
export async function metered(
  { sql }: Stand,
  { pid }: Contender,
  turn: () => Promise<LoadResult>,
): Promise<Turn> {
  const pids = async () => [pid, ...(await backendsOf(sql))];
  const { result, usedMs } = await cpuDuring(pids, turn);
  const answered = Object.values(result.answers).reduce((sum, count) => sum + count, 0);
  return { ...result, cpuMsEach: usedMs === undefined ? undefined : usedMs / answered };
}

export async function storedEvents(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from webhook_events`;
  return row?.count ?? 0;
}

/** PostgreSQL's own processes that serve Billhook's pools, and not the benchmark's. */
async function backendsOf(sql: Sql): Promise<number[]> {
  const rows = await sql<{ pid: number }[]>`
    select pid from pg_stat_activity
    where application_name in ('billhook', 'billhook sql', 'billhook intake')`;
  return rows.map(({ pid }) => pid);
}
