import { setTimeout as pause } from "node:timers/promises";
import { db, type Tx } from "#db/client.ts";
import type { Operator } from "../actor.ts";
import { recordDeed } from "../audit/store.ts";
import {
  heldTiers,
  holdTiers,
  holdTiersOf,
  putBack,
  releaseTier,
  strayRefs,
  TAKEN_IN_ORDER,
  takeRows,
} from "../billing/aside-store.ts";
import { recomputeNow } from "../billing/clock.ts";
import { config } from "../config.ts";
import { AppError } from "../errors.ts";
import type { GatewayName, Mode } from "../gateways/gateway.ts";
import { clearAlert, raiseAlert } from "../notices/store.ts";
import {
  type Aside,
  closeRebuild,
  findRebuild,
  insertRebuild,
  type Kept,
  keptBy,
  leftAside,
  nextObjects,
  noteAside,
  noteBack,
  notWhole,
  openRebuild,
  type Progress,
  progressOf,
  type Rebuild,
  ringAside,
  takeAside,
  updateRebuild,
} from "../rings/rebuild-store.ts";
import { ring } from "../rings/store.ts";

type Place = { gateway: GatewayName; mode: Mode };

/** How many objects lose their rows in one transaction. */
const BATCH = 500;
/** How many of them are rung at once: what rings by itself waits for no more than these. */
const AT_ONCE = 100;
const TICK = 200;

/** What a rebuild came to. */
export type Rebuilt = { objects: number; kept: Kept[] };

type Watch = { tell?: (progress: Progress) => void; signal?: AbortSignal };

/**
 * Empties what a connection's gateway told, and has the workers bring it back. Mute: no mail that was
 * not noted before; no tier follows until all that it comes from is there again. May be stopped and
 * asked for again: it goes on with the one that is open. Refused while another connection's is.
 */
export async function rebuild(
  actor: Operator,
  place: Place,
  watch: Watch = {},
): Promise<Rebuilt | undefined> {
  return follow(await begin(actor, place), watch);
}

/** Ends the rebuild of a connection early: what is not back by then is put back as it was. */
export async function giveUpRebuild(
  actor: Operator,
  place: Place,
  watch: Watch = {},
): Promise<Rebuilt | undefined> {
  const id = await db().transaction(async (tx) => {
    const open = await openRebuild(tx);
    if (open?.gateway !== place.gateway || open.mode !== place.mode) {
      throw new AppError("not_found", `No rebuild of ${place.gateway} (${place.mode}) is open.`);
    }
    await updateRebuild(tx, open.id, { givenUpAt: new Date() });
    await recordDeed(tx, actor, { action: "rebuild.give_up", subject: subjectOf(place) });
    return open.id;
  });
  return follow(id, watch);
}

async function follow(id: string, { tell, signal }: Watch): Promise<Rebuilt | undefined> {
  for (;;) {
    await advanceRebuild();
    const now = await findRebuild(db(), id);
    if (!now || now.finishedAt) return { objects: now?.objects ?? 0, kept: await keptBy(db(), id) };
    if (signal?.aborted) return undefined;
    tell?.(await progressOf(db(), id));
    await pause(TICK);
  }
}

async function begin(actor: Operator, place: Place): Promise<string> {
  return db().transaction(async (tx) => {
    const open = await openRebuild(tx);
    if (open?.gateway === place.gateway && open.mode === place.mode) return open.id;
    const id = open ? undefined : await insertRebuild(tx, place);
    if (!id) throw new AppError("conflict", `${nameOf(open)} is under way. Wait for its end.`);
    await recordDeed(tx, actor, { action: "rebuild.begin", subject: subjectOf(place) });
    await raiseAlert(tx, {
      kind: "rebuild",
      subject: subjectOf(place),
      message: `${place.gateway} (${place.mode}) is being rebuilt: records are missing until they are back, and tiers stay as they are.`,
    });
    // Before the first row goes: from here on no sync and no clock moves a tier that needs it.
    if (place.mode === config().mode) await holdTiers(tx, id, place);
    for (const type of TAKEN_IN_ORDER) {
      const strays = await strayRefs(tx, place, type);
      await ring(tx, place, strays, { cause: "rebuild", evenIfKnown: false });
    }
    return id;
  });
}

/**
 * One step of the rebuild that is open, by whoever comes by: the command, or a worker, so that nothing
 * stays half done when the command is stopped.
 */
export async function advanceRebuild(): Promise<void> {
  const open = await openRebuild(db());
  if (!open) return;
  if (!open.emptiedAt && !open.givenUpAt) {
    while (await locked(emptyNext));
    return;
  }
  const rung = open.givenUpAt ? 0 : await locked((tx, { id }) => ringAside(tx, id, AT_ONCE));
  await putLeftBack(open);
  await releaseWhole(open);
  if (!rung) await locked(closeIfDone);
}

/** The open rebuild in a transaction of its own, unless somebody else is at it. */
async function locked<T>(step: (tx: Tx, rebuild: Rebuild) => Promise<T>): Promise<T | undefined> {
  return db().transaction(async (tx) => {
    const rebuild = await openRebuild(tx, { lock: true });
    return rebuild && step(tx, rebuild);
  });
}

async function emptyNext(tx: Tx, rebuild: Rebuild): Promise<boolean> {
  if (rebuild.emptiedAt || rebuild.givenUpAt) return false;
  const objects = await nextObjects(tx, rebuild, rebuild.emptiedUpTo, BATCH);
  const last = objects.at(-1);
  if (!last) {
    await updateRebuild(tx, rebuild.id, { emptiedAt: new Date() });
    return false;
  }
  const taken = new Map(
    objects.map(({ id }): [number, Aside] => [
      id,
      { objectId: id, organizationId: null, hadRow: false, row: null },
    ]),
  );
  for (const type of TAKEN_IN_ORDER) {
    const ids = new Map(objects.filter((one) => one.type === type).map(({ ref, id }) => [ref, id]));
    if (ids.size === 0) continue;
    for (const { ref, organizationId, row } of await takeRows(tx, rebuild, type, [...ids.keys()])) {
      const objectId = ids.get(ref);
      if (objectId) taken.set(objectId, { objectId, organizationId, hadRow: row !== null, row });
    }
  }
  const owners = [...taken.values()].flatMap(({ organizationId }) => organizationId ?? []);
  if (rebuild.mode === config().mode) await holdTiersOf(tx, rebuild.id, [...new Set(owners)]);
  await updateRebuild(tx, rebuild.id, { emptiedUpTo: last.id });
  await noteAside(tx, rebuild.id, [...taken.values()]);
  return true;
}

/** Rows that no sync will put back by itself. */
async function putLeftBack(rebuild: Rebuild): Promise<void> {
  for (;;) {
    const left = await leftAside(db(), rebuild, BATCH);
    for (const object of left) {
      await db().transaction(async (tx) => {
        const row = await takeAside(tx, rebuild.id, object.id);
        if (row === undefined) return;
        await putBack(tx, object.type, row);
        const why = rebuild.givenUpAt ? "The rebuild was given up before it was answered." : null;
        await noteBack(tx, rebuild.id, object, why ?? object.lastError ?? "It was not answered.");
      });
    }
    if (left.length < BATCH) return;
  }
}

/** Recomputes, once, whoever is whole again. They come back in the order of their ids, more or less. */
async function releaseWhole(rebuild: Rebuild): Promise<void> {
  let after = "";
  for (;;) {
    const ids = await heldTiers(db(), rebuild.id, after, BATCH);
    const waiting = rebuild.givenUpAt ? new Set() : await notWhole(db(), rebuild.id, ids);
    const whole = ids.filter((id) => !waiting.has(id));
    for (const id of whole) {
      await db().transaction(async (tx) => {
        await releaseTier(tx, id);
        await recomputeNow(tx, id, "rebuild");
      });
    }
    after = ids.at(-1) ?? "";
    if (ids.length < BATCH || whole.length === 0) return;
  }
}

async function closeIfDone(tx: Tx, rebuild: Rebuild): Promise<void> {
  const { objects, answered } = await progressOf(tx, rebuild.id);
  if (!rebuild.givenUpAt && (!rebuild.emptiedAt || answered < objects)) return;
  const [held] = await heldTiers(tx, rebuild.id, "", 1);
  const [left] = await leftAside(tx, rebuild, 1);
  if (held || left) return;
  await closeRebuild(tx, rebuild.id, objects);
  await clearAlert(tx, "rebuild", subjectOf(rebuild));
}

function subjectOf({ gateway, mode }: Place): string {
  return `${gateway}:${mode}`;
}

function nameOf(rebuild: Rebuild | undefined): string {
  if (!rebuild) return "Another rebuild";
  const { gateway, mode, startedAt } = rebuild;
  return `A rebuild of ${gateway} (${mode}), begun at ${startedAt.toISOString()},`;
}
