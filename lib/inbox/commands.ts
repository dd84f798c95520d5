import { db, sql } from "#db/client.ts";
import type { Administrator } from "../actor.ts";
import { recordDeed } from "../audit/store.ts";
import type { CommandRow } from "../billing/asking/kind.ts";
import { touchedBy } from "../billing/asking/touched.ts";
import type { Touched } from "../billing/commands.ts";
import { AppError } from "../errors.ts";
import { timeOfId } from "../ids.ts";
import { inTurns } from "../in-turn.ts";
import { log } from "../log.ts";
import { clearAlert } from "../notices/store.ts";
import { ring, ringIds } from "../rings/store.ts";
import { DAY, SECOND } from "../time.ts";
import { LEASE_SECONDS, leaseNamed, type ObjectRow } from "./objects.ts";
import { previewSync, syncClaimed, syncObject } from "./sync.ts";
import type { Outcome } from "./sync-store.ts";

/** How many objects a screen waits for; the worker does the rest. */
const WAITED_FOR_MAX = 20;
/** A person waits for the slowest of them, and not for one after the other. */
const AT_ONCE = 4;
/** How long a screen waits to see what was caused at the gateway. */
const LOOK_MAX = 5 * SECOND;
/** For how long what a screen has seen is left in peace: a gateway tells of one change in many events. */
const ECHO_SECONDS = 1;

/**
 * Runs a stored event again, by ringing its object. Safe by construction: what is true already changes
 * nothing, and effects are keyed by fact.
 */
export async function replayEvent(
  actor: Administrator,
  input: { eventId: string },
): Promise<{ objectId: number; outcome: Outcome | undefined }> {
  const objectId = await objectOfEvent(input.eventId);
  await db().transaction(async (tx) => {
    await recordDeed(tx, actor, { action: "event.replay", subject: input.eventId });
    await ringIds(tx, [objectId], "replay");
  });
  return { objectId, outcome: await syncObject(objectId) };
}

/** What replaying an event would change now. Nothing is changed. */
export async function previewReplay(
  _: Administrator,
  input: { eventId: string },
): Promise<Outcome | undefined> {
  return previewSync(await objectOfEvent(input.eventId));
}

/** Takes an object that was put aside back to work. */
export async function resumeObject(
  actor: Administrator,
  input: { objectId: number },
): Promise<Outcome | undefined> {
  const { objectId } = input;
  await db().transaction(async (tx) => {
    // Object rows are locked last, as in every sync.
    await clearAlert(tx, "parked", `object:${objectId}`);
    if ((await ringIds(tx, [objectId], "replay")) === 0) {
      throw new AppError("not_found", "There is no such gateway object.");
    }
    await recordDeed(tx, actor, { action: "object.resume", subject: String(objectId) });
  });
  return syncObject(objectId);
}

/**
 * Syncs what a command touched while its screen waits, up to a bound; the worker does the rest. What
 * nobody has heard of yet is known from then on.
 */
export async function syncNow({ gateway, mode, refs }: Touched): Promise<void> {
  const place = { gateway, mode };
  const waitedFor = await leased(place, refs);
  const next = waitedFor.values();
  const how = { restSeconds: ECHO_SECONDS, inTurn: inTurns() };
  const early: ObjectRow[] = [];
  const inTurn = async () => {
    for (const object of next) {
      if ((await syncClaimed(object, how))?.outcome === "waiting") early.push(object);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, inTurn));
  // What it waited for may be what was looked at beside it: a subscription for its customer.
  for (const { id } of early) await syncObject(id, how);
}

/** The objects to look at; what nobody has heard of is made known first. */
async function leased(place: Omit<Touched, "refs">, refs: Touched["refs"]): Promise<ObjectRow[]> {
  const first = refs.slice(0, WAITED_FOR_MAX);
  const known = await leaseNamed(place, first, LEASE_SECONDS);
  if (known.length === refs.length) return known;
  const rung = { cause: "command", evenIfKnown: false } as const;
  await ring(db(), place, first, { ...rung, leaseSeconds: LEASE_SECONDS });
  await ring(db(), place, refs.slice(WAITED_FOR_MAX), rung);
  return leaseNamed(place, first, LEASE_SECONDS);
}

/**
 * Looks at what changed while a screen waits, so that it shows what is true. Bounded, and never a
 * reason to say that something failed: the worker looks too.
 */
export async function lookNow(touched: Touched): Promise<void> {
  const looking = syncNow(touched).catch((error: unknown) => {
    log().warn({ err: error, touched }, "what changed at the gateway was not seen at once");
  });
  const enough = new Promise<void>((done) => setTimeout(done, LOOK_MAX).unref());
  await Promise.race([looking, enough]);
}

/** Looks at what a command changed. */
export function lookAfter(command: CommandRow): Promise<void> {
  return lookNow(touchedBy(command));
}

async function objectOfEvent(eventId: string): Promise<number> {
  const around = timeOfId(eventId);
  if (!around) throw new AppError("not_found", "There is no such event.");
  const [from, to] = [new Date(around.getTime() - DAY), new Date(around.getTime() + DAY)];
  const [row] = await sql()<{ object_id: string | null }[]>`
    select object_id from webhook_events
    where id = ${eventId} and received_at between ${from} and ${to}`;
  if (!row) throw new AppError("not_found", "There is no such event.");
  if (row.object_id === null) {
    throw new AppError("conflict", "This event is about nothing that Billhook mirrors.");
  }
  return Number(row.object_id);
}
