import { readFileSync } from "node:fs";
import type { Sql } from "#db/client.ts";
import { cpuMs } from "../cpu.ts";
import type { Stand } from "../figure.ts";

/** How a worker went through what was due. */
export type Drained = {
  readonly seconds: number;
  readonly syncs: number;
  /** Processor time, where the system tells it. */
  readonly workerMs: number | undefined;
  readonly postgresMs: number | undefined;
};

const PATIENCE_MS = 240_000;

/** A mail server is named and never asked: these organizations have no members. */
export const NO_MAIL = { SMTP_URL: "smtp://127.0.0.1:9" };

/**
 * Starts a worker on what is stored, and stops it when nothing of a run is due any more. The time is PostgreSQL's, from the
 * first sync's end to the last one's: the start of a process is not what is measured.
 */
export async function drain(
  stand: Pick<Stand, "startBillhook" | "stop">,
  sql: Sql,
  run: string,
  env: Readonly<Record<string, string>> = NO_MAIL,
): Promise<Drained> {
  const server = await postmasterOf(sql);
  const before = cpuMs([server]);
  const worker = await stand.startBillhook("worker", env);
  try {
    await untilAnswered(sql, run);
    const [after, used] = [cpuMs([server]), cpuMs([worker.pid])];
    return {
      ...(await syncsOf(sql, run)),
      workerMs: used,
      postgresMs: before === undefined || after === undefined ? undefined : after - before,
    };
  } finally {
    await stand.stop(worker);
  }
}

/** Waits until no object of a run is due; those that fail on purpose do not count. */
async function untilAnswered(sql: Sql, run: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const due = await sql`
      select 1 from gateway_objects where is_due and ref like ${`%_${run}x%`} limit 1`;
    if (due.length === 0) return;
    if (Date.now() > deadline) throw new Error(`The backlog ${run} is not worked off in time.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function syncsOf(sql: Sql, run: string): Promise<{ seconds: number; syncs: number }> {
  const [row] = await sql<{ seconds: number; syncs: number }[]>`
    select extract(epoch from max(s.at) - min(s.at))::float8 as seconds, count(*)::int as syncs
    from syncs s join gateway_objects o on o.id = s.object_id
    where o.ref like ${`%_${run}x%`}`;
  if (!row) throw new Error("Nothing was synced.");
  return row;
}

/** The process above all that serve: what they used together is what PostgreSQL used. */
export async function postmasterOf(sql: Sql): Promise<number> {
  const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  try {
    const text = readFileSync(`/proc/${row?.pid}/stat`, "utf8");
    return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return -1;
  }
}
