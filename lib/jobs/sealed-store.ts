import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";

/** The next jobs after one that may still be run and hold a sealed link, in order, locked. */
export async function sealedLinks(
  tx: Tx,
  after: string,
  limit: number,
): Promise<{ row: string; sealed: Buffer }[]> {
  const rows = await tx.execute<{ row: string; link: string }>(sql`
    select id::text as row, data ->> 'sealedLink' as link from pgboss.job
    where data ? 'sealedLink' and state not in ('completed', 'cancelled') and id::text > ${after}
    order by id::text limit ${limit}
    for no key update`);
  return rows.map(({ row, link }) => ({ row, sealed: Buffer.from(link, "base64") }));
}

/** Puts another sealed link into a job. */
export async function replaceSealedLink(tx: Tx, id: string, sealed: Buffer): Promise<void> {
  const link = JSON.stringify(sealed.toString("base64"));
  await tx.execute(sql`
    update pgboss.job set data = jsonb_set(data, '{sealedLink}', ${link}::text::jsonb)
    where id = ${id}::uuid`);
}
