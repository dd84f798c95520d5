import { sql as query } from "drizzle-orm";
import { sql, type Tx } from "#db/client.ts";
import type { Administrator } from "../actor.ts";
import { JOB_KINDS, type JobKind } from "./queues.ts";

/** A job as people see it: never its payload, which may hold addresses and links. */
export type JobRow = {
  readonly id: string;
  readonly kind: JobKind;
  readonly status:
    | "waiting"
    | "running"
    | "retrying"
    | "done"
    | "refused"
    | "given_up"
    | "canceled";
  readonly attempts: number;
  readonly attemptsMax: number;
  readonly createdAt: Date;
  /** Not before this: the next try of one that waits. */
  readonly dueAt: Date;
  readonly endedAt: Date | null;
  /** Why it failed, the last time. */
  readonly reason: string | null;
};

export type JobCount = {
  readonly kind: JobKind;
  readonly waiting: number;
  readonly running: number;
  readonly failed: number;
};

/** No list is longer than this. */
export const JOBS_MAX = 100;

/** The newest jobs of any kind, or only those in one state: `given_up` are refused ones too. */
export async function listJobs(
  _actor: Administrator,
  filter: { only?: keyof typeof STATES } = {},
): Promise<JobRow[]> {
  const only = filter.only ? sql()`and state::text = any(${[...STATES[filter.only]]})` : sql()``;
  return sql()<JobRow[]>`
    select id::text, name as kind,
      case state
        when 'created' then 'waiting'
        when 'retry' then 'retrying'
        when 'active' then 'running'
        when 'completed' then 'done'
        when 'cancelled' then 'canceled'
        else case when output->>'ended' = 'refused' then 'refused' else 'given_up' end
      end as status,
      retry_count + (case when started_on is null then 0 else 1 end) as attempts,
      retry_limit + 1 as "attemptsMax",
      created_on as "createdAt", start_after as "dueAt", completed_on as "endedAt",
      coalesce(output->>'reason', output->'value'->>'message') as reason
    from pgboss.job
    where name in ${sql()([...JOB_KINDS])} ${only}
    order by created_on desc, id desc
    limit ${JOBS_MAX}`;
}

const STATES = {
  given_up: ["failed"],
  running: ["active"],
  waiting: ["created", "retry"],
} as const;

/** The jobs of a kind that nobody tries again by itself, locked against somebody else who would. */
export async function endedBadly(tx: Tx, kind: JobKind): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(
    query`select id::text from pgboss.job where name = ${kind} and state = 'failed' for update`,
  );
  return rows.map(({ id }) => id);
}

/** How much each kind has to do. */
export async function countJobs(_actor: Administrator): Promise<JobCount[]> {
  const rows = await sql()<JobCount[]>`
    select name as kind,
      (count(*) filter (where state in ('created', 'retry')))::int as waiting,
      (count(*) filter (where state = 'active'))::int as running,
      (count(*) filter (where state = 'failed'))::int as failed
    from pgboss.job where name in ${sql()([...JOB_KINDS])} group by name`;
  const nothing = { waiting: 0, running: 0, failed: 0 };
  return JOB_KINDS.map((kind) => rows.find((row) => row.kind === kind) ?? { kind, ...nothing });
}
