import { db } from "#db/client.ts";
import { counted } from "../counted.ts";
import { AppError } from "../errors.ts";
import type { Gateway } from "../gateways/adapter.ts";
import { gateway as gatewayNamed } from "../gateways/registry.ts";
import type { EventEnvelope } from "../gateways/verdict.ts";
import { raiseAlert } from "../notices/store.ts";
import { ring } from "../rings/store.ts";
import { connectionOf, pausedUntil } from "../settings/secrets.ts";
import { HOUR, MINUTE, SECOND } from "../time.ts";
import {
  moveWalk,
  noteArrivals,
  noteGaps,
  type Place,
  tellGaps,
  type Walk,
  walkOf,
} from "./store.ts";

/** The list is walked again so far back: an event may become visible in it after a later one. */
const OVERLAP = HOUR;
/** Until then an event that is not here counts as under way: nobody is told of it. */
const LATE_AFTER = 5 * MINUTE;
const PAGE_LIMIT = 30 * SECOND;

export type Compared = { readonly listed: number; readonly missing: number };

/**
 * Compares the gateway's own list of events with what was delivered, from where the last walk ended.
 * What is missing is kept as a gap and rings its object, so that the truth is reached without the
 * delivery. A walk that breaks off goes on at its page. Undefined where there is no key to ask with,
 * or the gateway wants silence.
 */
export async function findGaps(
  place: Place,
  signal: AbortSignal = AbortSignal.timeout(HOUR),
): Promise<Compared | undefined> {
  const connection = await connectionOf(place.gateway, place.mode, { fresh: true });
  if (!connection || (await pausedUntil(place.gateway, place.mode))) return undefined;
  const adapter = gatewayNamed(place.gateway);
  let walk = await walkOf(place);
  const compared = { listed: 0, missing: 0 };
  while (walk) {
    const asked = {
      since: new Date(walk.comparedUntil.getTime() - OVERLAP),
      page: walk.nextPage ?? undefined,
    };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PAGE_LIMIT)]);
    const { events, next } = await adapter
      .listEvents(asked, connection, limit)
      .catch((error) => beginAnewIfRefused(place, error));
    compared.listed += events.length;
    compared.missing += await keepPage(adapter, place, walk, { events, next });
    walk = next === undefined ? undefined : await walkOf(place);
  }
  await tell(place);
  return compared;
}

/** The event where the walk stopped may be forgotten by now, and then no page begins there. */
async function beginAnewIfRefused(place: Place, error: unknown): Promise<never> {
  const isRefused = error instanceof AppError && error.code === "gateway_refused";
  if (isRefused && !error.refusesWhoAsks) await moveWalk(db(), place, { nextPage: null });
  throw error;
}

/** One page: its gaps, their rings and the place to go on, or none of it. */
async function keepPage(
  adapter: Gateway,
  place: Place,
  walk: Walk,
  { events, next }: { events: readonly EventEnvelope[]; next: string | undefined },
): Promise<number> {
  const wanted = new Set(adapter.eventTypes);
  const ours = events.filter(({ type, account }) => wanted.has(type) && account === undefined);
  const newest = newestOf(events, walk.newestSeen ?? walk.comparedUntil);
  return db().transaction(async (tx) => {
    const gaps = await noteGaps(tx, place, ours);
    const roots = gaps.flatMap(({ root }) => (root ? [root] : []));
    await ring(tx, place, roots, { cause: "reconciliation", evenIfKnown: true });
    await moveWalk(
      tx,
      place,
      next === undefined
        ? { comparedUntil: newest, newestSeen: null, nextPage: null, finishedAt: new Date() }
        : { newestSeen: newest, nextPage: next },
    );
    return gaps.length;
  });
}

function newestOf(events: readonly EventEnvelope[], atLeast: Date): Date {
  const times = events.map(({ createdAt }) => createdAt?.getTime() ?? 0);
  return new Date(Math.max(atLeast.getTime(), ...times));
}

async function tell(place: Place): Promise<void> {
  await db().transaction(async (tx) => {
    await noteArrivals(tx, place);
    const open = await tellGaps(tx, place, LATE_AFTER / SECOND);
    if (open === 0) return;
    const events = counted(open, "event was", "events were");
    await raiseAlert(tx, {
      kind: "events_missed",
      subject: `${place.gateway}:${place.mode}`,
      message: `${events} never delivered by ${gatewayNamed(place.gateway).title} (${place.mode}). What they are about was fetched, so nothing is lost; look at the endpoint's failed deliveries and at its selected events.`,
      href: `/admin/settings/gateways/${place.gateway}`,
    });
  });
}
