import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { catalogueReadings, gatewayObjects, gatewayPrices } from "#db/schema/index.ts";
import type { Place } from "../../catalogue/made-store.ts";
import type { ObjectRef } from "../../gateways/gateway.ts";
import { newId } from "../../ids.ts";

export type Reading = typeof catalogueReadings.$inferSelect;

/** Begins to read a gateway's catalogue, unless somebody does already. */
export async function openReading(tx: Tx, place: Place): Promise<boolean> {
  const { gateway, mode } = place;
  const made = await tx
    .insert(catalogueReadings)
    .values({ id: newId("crd"), gateway, mode })
    .onConflictDoNothing()
    .returning({ id: catalogueReadings.id });
  return made.length > 0;
}

/** The reading that is under way. */
export async function readingUnderWay(tx: Tx, place: Place): Promise<Reading | undefined> {
  const [row] = await tx
    .select()
    .from(catalogueReadings)
    .where(and(of(place), isNull(catalogueReadings.finishedAt)));
  return row;
}

/** The newest reading, under way or not. */
export async function lastReading(tx: Tx, place: Place): Promise<Reading | undefined> {
  const [row] = await tx
    .select()
    .from(catalogueReadings)
    .where(of(place))
    .orderBy(desc(catalogueReadings.startedAt), desc(catalogueReadings.id))
    .limit(1);
  return row;
}

/** Notes a page that was read; false where somebody else read it already. */
export async function moveReading(
  tx: Tx,
  reading: Reading,
  to: { listed: number; differing: number; nextPage: string | null; isCut: boolean },
): Promise<boolean> {
  const { listed, differing, nextPage, isCut } = to;
  const moved = await tx
    .update(catalogueReadings)
    .set({
      listed: reading.listed + listed,
      differing: reading.differing + differing,
      nextPage,
      isCut,
      lastError: null,
      finishedAt: nextPage === null || isCut ? sql`now()` : null,
    })
    .where(
      and(
        eq(catalogueReadings.id, reading.id),
        isNull(catalogueReadings.finishedAt),
        sql`${catalogueReadings.nextPage} is not distinct from ${reading.nextPage}`,
      ),
    )
    .returning({ id: catalogueReadings.id });
  return moved.length > 0;
}

/** Notes why a reading did not go on; one that never will is over. */
export async function noteUnread(id: string, reason: string, isOver: boolean): Promise<void> {
  await db()
    .update(catalogueReadings)
    .set({ lastError: reason.slice(0, 500), ...(isOver && { finishedAt: sql`now()` }) })
    .where(and(eq(catalogueReadings.id, id), isNull(catalogueReadings.finishedAt)));
}

/** Old readings are of no use to anybody; the newest of each gateway says when its catalogue was read. */
export async function forgetOldReadings(): Promise<void> {
  await db().execute(sql`
    delete from catalogue_readings r
    where finished_at < now() - interval '30 days' and exists (
      select from catalogue_readings n
      where n.gateway = r.gateway and n.mode = r.mode and n.started_at > r.started_at)`);
}

/** The prices that matter here and that a list of what is on sale may not tell of. */
export async function pricesToLookAt(tx: Tx, { gateway, mode }: Place): Promise<ObjectRef[]> {
  const rows = await tx
    .select({ ref: gatewayPrices.ref })
    .from(gatewayPrices)
    .where(
      and(
        eq(gatewayPrices.gateway, gateway),
        eq(gatewayPrices.mode, mode),
        isNull(gatewayPrices.deletedAt),
        sql`(${gatewayPrices.isActive} is null
          or (coalesce(${gatewayPrices.planId}, ${gatewayPrices.productId}) is not null
            and ${gatewayPrices.isActive}))`,
      ),
    )
    .limit(LOOK_MAX);
  return rows.map(({ ref }) => ({ type: "price", ref }));
}

const LOOK_MAX = 1_000;

/** How many prices and products were rung and are not looked at yet. */
export async function unanswered(tx: Tx, { gateway, mode }: Place): Promise<number> {
  return tx.$count(
    gatewayObjects,
    and(
      eq(gatewayObjects.gateway, gateway),
      eq(gatewayObjects.mode, mode),
      sql`${gatewayObjects.type} in ('price', 'product')`,
      sql`${gatewayObjects.rung} > ${gatewayObjects.syncedRung} and ${gatewayObjects.parkedAt} is null`,
    ),
  );
}

function of({ gateway, mode }: Place) {
  return and(eq(catalogueReadings.gateway, gateway), eq(catalogueReadings.mode, mode));
}
