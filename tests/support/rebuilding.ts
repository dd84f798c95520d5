import { setTimeout as pause } from "node:timers/promises";
import type { Sql } from "#db/client.ts";
import { type Rebuilt, rebuild } from "#lib/inbox/rebuild.ts";
import { startSyncing } from "#lib/worker/run.ts";

export const place = { gateway: "stripe", mode: "test" } as const;

export const operator = {
  kind: "operator",
  label: "command line",
  origin: { ip: null, userAgent: null },
} as const;

const MIRRORED = ["subscriptions", "invoices", "payments", "disputes", "checkouts"];

/** Every column of what gateways decide, our ids and what was told to people included. */
export async function everything(sql: Sql): Promise<object> {
  const all = async (table: string, order: string) =>
    (await sql.unsafe(`select to_jsonb(t) as row from ${table} t order by ${order}`)).map(
      ({ row }) => row,
    );
  return {
    ...Object.fromEntries(
      await Promise.all(MIRRORED.map(async (table) => [table, await all(table, "ref")])),
    ),
    customers: await all("customers", "ref"),
    prices: await all("gateway_prices", "ref"),
    products: await all("gateway_products", "ref"),
    organizations: await all("organizations", "id"),
    tierChanges: await all("tier_changes", "id"),
    conflicts: await all("link_conflicts", "id"),
    notices: await all("notices", "id"),
    mails:
      await sql`select id, name from pgboss.job where name in ('notice.send', 'mail.send') order by id`,
  };
}

/** How many rows of the mirror there are. */
export async function mirrored(sql: Sql): Promise<number> {
  const counts = await Promise.all(
    MIRRORED.map((table) => sql.unsafe(`select count(*)::int as rows from ${table}`)),
  );
  return counts.reduce((sum, [row]) => sum + Number(row?.rows), 0);
}

/** Rebuilds the test connection while workers work, and fails if anybody's tier moves meanwhile. */
export async function rebuilt(sql: Sql, concurrency = 4): Promise<Rebuilt | undefined> {
  const tiers = keepWatching(sql);
  const syncing = startSyncing(concurrency);
  const done = await rebuild(operator, place).finally(() => syncing.stop());
  const seen = await tiers.stop();
  if (seen.size > 1) throw new Error(`Tiers moved meanwhile: ${[...seen].join(" | ")}`);
  return done;
}

/** Looks at all tiers, again and again; answers every state of them that was seen. */
export function keepWatching(sql: Sql): { stop(): Promise<Set<string>> } {
  const seen = new Set<string>();
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      const [row] = await sql<{ tiers: string }[]>`
        select string_agg(id || ' ' || tier_id, ', ' order by id) as tiers from organizations`;
      seen.add(row?.tiers ?? "");
      await pause(2);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await looking;
      return seen;
    },
  };
}
