import { and, eq, isNull, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { eventGaps, eventKeys, eventWalks, gatewayConnections } from "#db/schema/index.ts";
import type { GatewayName, Mode } from "../gateways/gateway.ts";
import type { EventEnvelope } from "../gateways/verdict.ts";

export type Place = { readonly gateway: GatewayName; readonly mode: Mode };
export type Walk = typeof eventWalks.$inferSelect;

/** Every connection there is, with or without a key. */
export async function places(): Promise<Place[]> {
  return db()
    .select({ gateway: gatewayConnections.gateway, mode: gatewayConnections.mode })
    .from(gatewayConnections)
    .orderBy(gatewayConnections.gateway, gatewayConnections.mode);
}

/** Where the comparison stands; it begins when the connection got its key. */
export async function walkOf({ gateway, mode }: Place): Promise<Walk | undefined> {
  await db().execute(sql`
    insert into event_walks (gateway, mode, compared_until)
    select gateway, mode, coalesce(api_key_set_at, created_at) from gateway_connections
    where gateway = ${gateway} and mode = ${mode}
    on conflict do nothing`);
  const [walk] = await db()
    .select()
    .from(eventWalks)
    .where(and(eq(eventWalks.gateway, gateway), eq(eventWalks.mode, mode)));
  return walk;
}

export async function moveWalk(
  tx: Tx,
  { gateway, mode }: Place,
  to: Partial<Omit<Walk, keyof Place>>,
): Promise<void> {
  await tx
    .update(eventWalks)
    .set(to)
    .where(and(eq(eventWalks.gateway, gateway), eq(eventWalks.mode, mode)));
}

/** Keeps those of the listed events that are not here, once each; answers the new ones. */
export async function noteGaps(
  tx: Tx,
  { gateway, mode }: Place,
  listed: readonly EventEnvelope[],
): Promise<EventEnvelope[]> {
  if (listed.length === 0) return [];
  const refs = sql`${sql.param(listed.map(({ eventRef }) => eventRef))}::text[]`;
  const here = await tx
    .select({ ref: eventKeys.eventRef })
    .from(eventKeys)
    .where(
      and(
        eq(eventKeys.gateway, gateway),
        eq(eventKeys.mode, mode),
        eq(eventKeys.account, ""),
        sql`${eventKeys.eventRef} = any(${refs})`,
      ),
    );
  const known = new Set(here.map(({ ref }) => ref));
  const missing = listed.filter(({ eventRef }) => !known.has(eventRef));
  if (missing.length === 0) return [];
  const rows = missing.map(({ eventRef, type, root, createdAt }) => ({
    gateway,
    mode,
    eventRef,
    type,
    rootType: root?.type ?? null,
    rootRef: root?.ref ?? null,
    createdAt: createdAt ?? null,
  }));
  const added = await tx
    .insert(eventGaps)
    .values(rows)
    .onConflictDoNothing()
    .returning({ ref: eventGaps.eventRef });
  const isNew = new Set(added.map(({ ref }) => ref));
  return missing.filter(({ eventRef }) => isNew.has(eventRef));
}

/** Notes which gaps were only late. */
export async function noteArrivals(tx: Tx, { gateway, mode }: Place): Promise<void> {
  await tx.execute(sql`
    update event_gaps g set arrived_at = k.received_at
    from event_keys k
    where g.gateway = ${gateway} and g.mode = ${mode} and g.arrived_at is null
      and k.gateway = g.gateway and k.mode = g.mode and k.account = ''
      and k.event_ref = g.event_ref`);
}

/** Marks the gaps as told that stayed open for so long, and says how many those are. */
export async function tellGaps(
  tx: Tx,
  { gateway, mode }: Place,
  openForSeconds: number,
): Promise<number> {
  const told = await tx
    .update(eventGaps)
    .set({ toldAt: sql`now()` })
    .where(
      and(
        eq(eventGaps.gateway, gateway),
        eq(eventGaps.mode, mode),
        isNull(eventGaps.arrivedAt),
        isNull(eventGaps.toldAt),
        sql`found_at <= now() - make_interval(secs => ${openForSeconds})`,
      ),
    )
    .returning({ ref: eventGaps.eventRef });
  return told.length;
}

/** Gaps older than the gateway's own memory are of no use to anybody. */
export async function forgetOldGaps(): Promise<void> {
  await db().execute(sql`delete from event_gaps where found_at < now() - interval '90 days'`);
}

/** The next live subscriptions of a connection after a ref, in the order of their refs. */
export async function liveSubscriptions(
  { gateway, mode }: Place,
  after: string,
  limit: number,
): Promise<string[]> {
  const rows = await db().execute<{ ref: string }>(sql`
    select ref from subscriptions
    where gateway = ${gateway} and mode = ${mode} and ref > ${after}
      and status not in ('canceled', 'incomplete')
    order by ref limit ${limit}`);
  return rows.map(({ ref }) => ref);
}
