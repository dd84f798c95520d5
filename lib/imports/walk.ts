import { db } from "#db/client.ts";
import { AppError } from "../errors.ts";
import type { Owned, OwnedType } from "../gateways/adapter.ts";
import type { Connection } from "../gateways/gateway.ts";
import { gateway } from "../gateways/registry.ts";
import { ring } from "../rings/store.ts";
import { connectionOf, pauseConnection, pausedUntil } from "../settings/secrets.ts";
import { SECOND } from "../time.ts";
import { matchOne } from "./match.ts";
import {
  awaited,
  countsOf,
  findImport,
  type Import,
  moveImport,
  nextCustomers,
  noteCustomers,
} from "./store.ts";

/** How many objects wait at once for an import's sake: webhooks must not queue behind it. */
const AWAITED_MAX = 300;
const LOOK_AGAIN = 250;
const PAGE_LIMIT = 30 * SECOND;
const MATCHED_AT_ONCE = 50;
const WAIT_MAX_SECONDS = 300;
const RESTARTS_MAX = 3;

const NEXT = {
  checkout: "subscription",
  subscription: "customer",
  customer: "matching",
  matching: "settling",
} as const;

/** Over, paused or somebody else's; or how long to wait before the next step. */
export type Next = "over" | { readonly waitMs: number };

const AT_ONCE: Next = { waitMs: 0 };

/**
 * One step of an import: a page of the gateway's list, some customers matched, or its end. Whatever a
 * step does is kept with the place to go on, or not at all.
 */
export async function advance(importId: string, signal: AbortSignal): Promise<Next> {
  const read = await findImport(db(), importId);
  if (!read || read.finishedAt || read.pausedAt) return "over";
  const connection = await connectionOf(read.gateway, read.mode, { fresh: true });
  if (!connection) return pause(read, "There is no API key any more to ask with.");
  const until = read.waitsUntil ?? (await pausedUntil(read.gateway, read.mode));
  const waitMs = (until?.getTime() ?? 0) - Date.now();
  if (waitMs > 0) return { waitMs };
  // A stage begins when what the one before rang is answered.
  const due = await awaited(read);
  if (due > (read.place === null ? 0 : AWAITED_MAX)) return { waitMs: LOOK_AGAIN };
  if (read.stage === "matching") return matchSome(read);
  if (read.stage === "settling") return finish(read);
  return listPage(read, read.stage, connection, signal);
}

async function listPage(
  read: Import,
  stage: OwnedType,
  connection: Connection,
  signal: AbortSignal,
): Promise<Next> {
  const asked = { type: stage, page: read.place ?? undefined };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PAGE_LIMIT)]);
  try {
    const page = await gateway(read.gateway).listOwned(asked, connection, limit);
    return await keepPage(read, stage, page);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // With another key it goes on at its place.
    if (error.refusesWhoAsks) return pause(read, error.message);
    if (error.code === "gateway_refused") return beginAnewOrPause(read, error.message);
    if (error.code === "gateway_unavailable") return waitFor(read, error);
    throw error;
  }
}

async function keepPage(
  read: Import,
  stage: OwnedType,
  { objects, next }: { objects: readonly Owned[]; next: string | undefined },
): Promise<Next> {
  // A checkout that names nobody says nothing of whose its customer is.
  const telling = stage === "checkout" ? objects.filter(isTelling) : objects;
  return db().transaction(async (tx) => {
    const to =
      next === undefined ? { stage: NEXT[stage], place: null, restarts: 0 } : { place: next };
    if (!(await moveImport(tx, read, { ...to, ...ANSWERED }))) return "over";
    await noteCustomers(tx, read.id, telling);
    const refs = telling.map(({ ref }) => ({ type: stage, ref }));
    await ring(tx, read, refs, { cause: "import", evenIfKnown: true });
    return AT_ONCE;
  });
}

const ANSWERED = { misses: 0, waitsUntil: null, waitsBecause: null };

function isTelling({ customerRef, claim }: Owned): boolean {
  return customerRef !== null && claim !== undefined;
}

async function matchSome(read: Import): Promise<Next> {
  const some = await nextCustomers(read.id, read.place ?? "", MATCHED_AT_ONCE);
  for (const customer of some) if (!(await matchOne(read, customer))) return "over";
  const last = some.at(-1);
  const to = last ? { place: last.ref } : { stage: NEXT.matching, place: null };
  return (await moveImport(db(), read, to)) ? AT_ONCE : "over";
}

async function finish(read: Import): Promise<Next> {
  const counts = await countsOf(db(), read);
  await moveImport(db(), read, { counts, finishedAt: new Date() });
  return "over";
}

/** The customer where the list stopped may be deleted by now, and then no page begins there. */
async function beginAnewOrPause(read: Import, because: string): Promise<Next> {
  if (read.place === null || read.restarts >= RESTARTS_MAX) return pause(read, because);
  const to = { place: null, restarts: read.restarts + 1 };
  return (await moveImport(db(), read, to)) ? AT_ONCE : "over";
}

/** Stops until a person says that it may go on. */
async function pause(read: Import, because: string): Promise<Next> {
  await moveImport(db(), read, { pausedAt: new Date(), pausedBecause: because.slice(0, 500) });
  return "over";
}

/** Waits as long as the gateway says, or for longer each time. Its limit is everybody's. */
async function waitFor(read: Import, error: AppError): Promise<Next> {
  const misses = read.misses + 1;
  const asked = error.retryAfterSeconds;
  const seconds = Math.min(asked ?? 2 ** Math.min(misses, 10), WAIT_MAX_SECONDS);
  const waitsUntil = new Date(Date.now() + seconds * SECOND);
  if (asked !== undefined) {
    await pauseConnection(read.gateway, read.mode, waitsUntil, error.message);
  }
  const to = { misses, waitsUntil, waitsBecause: error.message.slice(0, 500) };
  return (await moveImport(db(), read, to)) ? { waitMs: seconds * SECOND } : "over";
}
