import { db, type Tx } from "#db/client.ts";
import type { Administrator } from "../../actor.ts";
import { recordDeed } from "../../audit/store.ts";
import { notHeld, type Place } from "../../catalogue/made-store.ts";
import { AppError, isTransient } from "../../errors.ts";
import type { ListedPrice } from "../../gateways/adapter.ts";
import { gateway as gatewayNamed } from "../../gateways/registry.ts";
import { enqueue } from "../../jobs/boss.ts";
import { ring } from "../../rings/store.ts";
import { connectionOf, pausedUntil } from "../../settings/secrets.ts";
import { HOUR, SECOND } from "../../time.ts";
import { reading as asking } from "../asking/errand.ts";
import {
  moveReading,
  noteUnread,
  openReading,
  pricesToLookAt,
  type Reading,
  readingUnderWay,
} from "./reading-store.ts";

/** More than this is not read at a time: nobody sells so many prices. */
const LISTED_MAX = 10_000;
const PAGE_LIMIT = 30 * SECOND;

/**
 * Has a gateway's catalogue read, so that what is sold there can be compared and imported. A job does it;
 * where one is under way, that goes on.
 */
export async function readCatalogue(actor: Administrator, { gateway, mode }: Place): Promise<void> {
  // Without a key there is nobody to ask.
  await asking({ gateway, mode });
  await db().transaction(async (tx) => {
    if (await begin(tx, { gateway, mode })) {
      await recordDeed(tx, actor, { action: "catalogue.read", subject: `${gateway}:${mode}` });
    }
  });
}

/**
 * The same by the clock, so that what was changed at the gateway is seen although nobody looked and no
 * event told of it. Does nothing where there is no key to ask with, or the gateway wants silence.
 */
export async function readCatalogueByClock({ gateway, mode }: Place): Promise<void> {
  const connection = await connectionOf(gateway, mode, { fresh: true });
  if (!connection || (await pausedUntil(gateway, mode))) return;
  await db().transaction((tx) => begin(tx, { gateway, mode }));
}

/** A job goes on, whether it was begun now or before. */
async function begin(tx: Tx, { gateway, mode }: Place): Promise<boolean> {
  const isNew = await openReading(tx, { gateway, mode });
  await enqueue(tx, "catalogue.read", { gateway, mode });
  return isNew;
}

/** Goes on with the reading that is under way, page by page, from where it stopped. */
export async function goOnReading(
  place: Place,
  signal: AbortSignal = AbortSignal.timeout(HOUR),
): Promise<void> {
  for (;;) {
    const reading = await readingUnderWay(db(), place);
    if (!reading) return;
    try {
      await readPage(place, reading, signal);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const isOver = error instanceof AppError && !isTransient(error);
      await noteUnread(reading.id, reason, isOver);
      throw error;
    }
  }
}

async function readPage(place: Place, reading: Reading, signal: AbortSignal): Promise<void> {
  const connection = await connectionOf(place.gateway, place.mode, { fresh: true });
  if (!connection) throw new AppError("gateway_refused", "There is no API key any more.");
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PAGE_LIMIT)]);
  const page = reading.nextPage ?? undefined;
  const adapter = gatewayNamed(place.gateway);
  const { found, next } = await adapter.listPrices({ page }, connection, limit);
  await keepPage(place, reading, found, next);
}

/** One page: what differs is rung, and the place to go on is kept, or none of it. */
async function keepPage(
  place: Place,
  reading: Reading,
  found: readonly ListedPrice[],
  next: string | undefined,
): Promise<void> {
  const isCut = next !== undefined && reading.listed + found.length >= LISTED_MAX;
  await db().transaction(async (tx) => {
    const differing = await notHeld(tx, place, found);
    const moved = await moveReading(tx, reading, {
      listed: found.length,
      differing: differing.filter(({ type }) => type === "price").length,
      nextPage: next ?? null,
      isCut,
    });
    if (!moved) return;
    const isLast = next === undefined || isCut;
    const others = isLast ? await pricesToLookAt(tx, place) : [];
    await ring(tx, place, [...differing, ...others], {
      cause: "reconciliation",
      evenIfKnown: true,
    });
  });
}
