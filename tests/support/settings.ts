import { randomBytes } from "node:crypto";
import type { Sql } from "#db/client.ts";
import type { Administrator } from "#lib/actor.ts";
import { reloadConfig } from "#lib/config.ts";
import { migrateJobs } from "#lib/jobs/migrate.ts";

export const ada: Administrator = {
  kind: "administrator",
  userId: "usr_ada",
  label: "Ada",
  origin: { ip: "127.0.0.1", userAgent: "test" },
};

/** A deployment that can keep secrets: a master key, the job queues, and Ada who runs it. */
export async function prepareSettings({ url, sql }: { url: string; sql: Sql }): Promise<void> {
  reloadConfig({
    BILLHOOK_MASTER_KEYS: `k1:${randomBytes(32).toString("base64")}`,
    LOG_LEVEL: "silent",
  });
  await migrateJobs(url);
  await sql`insert into users (id, email, name) values ('usr_ada', 'ada@example.com', 'Ada')`;
}

/** A signing secret that nobody else has. */
export function newSecret(): string {
  return `whsec_${randomBytes(24).toString("hex")}`;
}

/** What was enqueued of one kind, oldest first. */
export async function jobsOf(sql: Sql, kind: string): Promise<unknown[]> {
  const rows = await sql<{ data: unknown }[]>`
    select data from pgboss.job where name = ${kind} order by created_on`;
  return rows.map((row) => row.data);
}
