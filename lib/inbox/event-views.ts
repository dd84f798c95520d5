import { and, asc, desc, eq, gte, lte, ne, or, type SQL, sql } from "drizzle-orm";
import { db, listsDb } from "#db/client.ts";
import {
  eventKeys,
  gatewayConnections,
  gatewayObjects,
  organizations,
  signingSecrets,
  syncs,
  webhookEvents,
} from "#db/schema/index.ts";
import type { Administrator } from "../actor.ts";
import { timeOfId } from "../ids.ts";
import { productSettings } from "../settings/views.ts";
import { DAY } from "../time.ts";
import { keptSince } from "./old-months.ts";

/** More looks at one event than anybody reads; the object's page has the rest. */
const ATTEMPTS_MAX = 20;
const OTHERS_MAX = 10;
const COUNT_MAX = 1000;

export type EventDetail = NonNullable<Awaited<ReturnType<typeof findEvent>>>;
export type Attempt = EventDetail["attempts"][number];

/** One event with everything that explains it: proof, attempts, what was done, its neighbours. */
export async function findEvent(_actor: Administrator, id: string) {
  const event = await eventAt(id);
  if (!event) return undefined;
  const [secret, deliveries, object, organization] = await Promise.all([
    secretOf(event.secretId),
    deliveriesOf(event),
    objectOf(event.objectId),
    organizationOf(event.organizationId),
  ]);
  const [attempts, others, rangTogether] = await Promise.all([
    attemptsFor(event),
    othersOf(event),
    coveredBySame(event),
  ]);
  const covering =
    attempts.find((attempt) => attempt.id === event.syncId) ?? (await syncOf(event.syncId));
  return {
    ...event,
    secret,
    deliveries,
    object,
    organization,
    attempts,
    covering,
    others,
    rangTogether,
  };
}

/** When an event that is not here came, and how long events are kept, where its age explains it. */
export async function forgottenEvent(_actor: Administrator, id: string) {
  const receivedAt = id.startsWith("gev_") ? timeOfId(id) : undefined;
  const { monthsKept } = await productSettings();
  const isOld = receivedAt && receivedAt < keptSince(new Date(), monthsKept);
  return isOld ? { receivedAt, monthsKept } : undefined;
}

/** The bytes that were signed, for a file. */
export async function findEventBody(_actor: Administrator, id: string) {
  const event = await eventAt(id);
  return event && { eventRef: event.eventRef, body: event.body };
}

type Event = typeof webhookEvents.$inferSelect;

/** The id says when it was made: first only the months around are asked, then all of them. */
async function eventAt(id: string): Promise<Event | undefined> {
  const made = timeOfId(id);
  if (!made || !id.startsWith("gev_")) return undefined;
  const near = and(
    gte(webhookEvents.receivedAt, new Date(made.getTime() - DAY)),
    lte(webhookEvents.receivedAt, new Date(made.getTime() + DAY)),
  );
  return (await readEvent(id, near)) ?? (await readEvent(id, undefined));
}

async function readEvent(id: string, near: SQL | undefined): Promise<Event | undefined> {
  const [event] = await db()
    .select()
    .from(webhookEvents)
    .where(and(eq(webhookEvents.id, id), near));
  return event;
}

async function secretOf(id: string | null) {
  if (!id) return undefined;
  const [secret] = await db()
    .select({
      id: signingSecrets.id,
      label: signingSecrets.label,
      lastFour: signingSecrets.lastFour,
      source: signingSecrets.source,
      mode: gatewayConnections.mode,
      retireAt: signingSecrets.retireAt,
    })
    .from(signingSecrets)
    .innerJoin(gatewayConnections, eq(gatewayConnections.id, signingSecrets.connectionId))
    .where(eq(signingSecrets.id, id));
  return secret;
}

/** How often it came. Keys are forgotten after a while; then nothing is known but the first time. */
async function deliveriesOf(event: Event) {
  const [key] = await db()
    .select({
      count: eventKeys.deliveries,
      lastAt: eventKeys.lastDeliveredAt,
      eventId: eventKeys.eventId,
    })
    .from(eventKeys)
    .where(
      and(
        eq(eventKeys.gateway, event.gateway),
        eq(eventKeys.mode, event.mode),
        eq(eventKeys.account, event.account),
        eq(eventKeys.eventRef, event.eventRef),
      ),
    );
  return key;
}

async function objectOf(id: number | null) {
  if (id === null) return undefined;
  const [object] = await db().select().from(gatewayObjects).where(eq(gatewayObjects.id, id));
  return object;
}

async function organizationOf(id: string | null) {
  if (!id) return undefined;
  const [organization] = await db()
    .select({ id: organizations.id, name: organizations.name })
    .from(organizations)
    .where(eq(organizations.id, id));
  return organization;
}

/**
 * The looks at the object that this event's ring led to, the oldest first: those that failed, the one
 * that settled it, and every replay. What later events led to is theirs.
 */
async function attemptsFor(event: Event) {
  if (event.objectId === null || event.ring === null) return [];
  return db()
    .select()
    .from(syncs)
    .where(
      and(
        eq(syncs.objectId, event.objectId),
        gte(syncs.ring, event.ring),
        gte(syncs.at, event.receivedAt),
        or(
          sql`${syncs.at} <= coalesce((select s.at from syncs s where s.id = ${event.syncId}), 'infinity')`,
          eq(syncs.cause, "replay"),
        ),
      ),
    )
    .orderBy(asc(syncs.at))
    .limit(ATTEMPTS_MAX);
}

async function syncOf(id: string | null) {
  if (!id) return undefined;
  const [sync] = await db().select().from(syncs).where(eq(syncs.id, id));
  return sync;
}

/** The latest other events about the same object. */
async function othersOf(event: Event) {
  if (event.objectId === null) return [];
  return listsDb()
    .select({
      id: webhookEvents.id,
      receivedAt: webhookEvents.receivedAt,
      type: webhookEvents.type,
      status: webhookEvents.status,
      eventRef: webhookEvents.eventRef,
    })
    .from(webhookEvents)
    .where(and(eq(webhookEvents.objectId, event.objectId), ne(webhookEvents.id, event.id)))
    .orderBy(desc(webhookEvents.ring))
    .limit(OTHERS_MAX);
}

/** How many other events the same sync answered. */
async function coveredBySame(event: Event): Promise<number> {
  if (event.objectId === null || !event.syncId) return 0;
  const covered = db()
    .select({ one: sql`1`.as("one") })
    .from(webhookEvents)
    .where(
      and(
        eq(webhookEvents.objectId, event.objectId),
        eq(webhookEvents.syncId, event.syncId),
        ne(webhookEvents.id, event.id),
      ),
    )
    .limit(COUNT_MAX)
    .as("covered");
  return db().$count(covered);
}
