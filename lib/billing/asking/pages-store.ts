import { and, desc, eq, gt, inArray, isNotNull, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { commands } from "#db/schema/index.ts";
import type { Mode } from "../../gateways/gateway.ts";
import type { CommandRow } from "./kind.ts";
import type { Place } from "./store.ts";

/** Commands that open a page of the gateway's to pay on, and then wait for a person. */
export const PAGE_KINDS = ["subscription.checkout", "order.checkout"] as const;

/** The page that may still be paid on: the newest, since each ends the one before. */
export async function openPage(
  tx: Tx,
  { gateway, mode, object }: Place,
  kind: (typeof PAGE_KINDS)[number],
): Promise<CommandRow | undefined> {
  const [row] = await tx
    .select()
    .from(commands)
    .where(
      and(
        eq(commands.gateway, gateway),
        eq(commands.mode, mode),
        eq(commands.object, object),
        eq(commands.kind, kind),
        eq(commands.status, "needs_person"),
      ),
    )
    .orderBy(desc(commands.askedAt), desc(commands.id))
    .limit(1);
  return row;
}

const SENTENCES = {
  complete: "The payment page was completed.",
  expired: "The payment page is closed. Nothing was charged there.",
} as const;

/** Writes down that nobody can pay on a page any more, and why. */
export async function closePage(tx: Tx, id: string, how: keyof typeof SENTENCES): Promise<void> {
  await tx
    .update(commands)
    .set({ status: how === "complete" ? "done" : "refused", sentence: SENTENCES[how] })
    .where(and(eq(commands.id, id), eq(commands.status, "needs_person")));
}

/** Closes every page that its checkout says is over; all, or those of one command. */
export async function closeFinished(tx: Tx, id?: string): Promise<void> {
  await tx.execute(sql`
    update commands c
    set status = case k.status when 'complete' then 'done' else 'refused' end,
      sentence = case k.status when 'complete' then ${SENTENCES.complete} else ${SENTENCES.expired} end
    from checkouts k
    where c.kind in ${[...PAGE_KINDS]} and c.status = 'needs_person'
      and ${id === undefined ? sql`true` : sql`c.id = ${id}`}
      and k.gateway = c.gateway and k.mode = c.mode and k.ref = c.answer ->> 'ref'
      and k.status <> 'open'`);
}

/** Pages that may still be open, by connection, for a look at each; those that gateways forgot are left alone. */
export async function pagesToLookAt(
  tx: Tx,
): Promise<{ readonly gateway: string; readonly mode: Mode; readonly refs: readonly string[] }[]> {
  const pages = tx
    .select({
      gateway: commands.gateway,
      mode: commands.mode,
      ref: sql<string>`${commands.answer} ->> 'ref'`.as("ref"),
    })
    .from(commands)
    .where(
      and(
        inArray(commands.kind, [...PAGE_KINDS]),
        eq(commands.status, "needs_person"),
        gt(commands.askedAt, sql`now() - interval '3 days'`),
        isNotNull(sql`${commands.answer} ->> 'ref'`),
      ),
    )
    .orderBy(desc(commands.askedAt))
    .limit(PAGES_MAX)
    .as("pages");
  return tx
    .select({
      gateway: pages.gateway,
      mode: pages.mode,
      refs: sql<string[]>`array_agg(${pages.ref})`,
    })
    .from(pages)
    .groupBy(pages.gateway, pages.mode);
}

const PAGES_MAX = 200;
