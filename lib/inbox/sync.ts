import { db, type Tx } from "#db/client.ts";
import type { AppliedPayload, Change } from "#db/schema/inbox.ts";
import { type Projection, project, projectGone } from "../billing/project.ts";
import { config } from "../config.ts";
import { countSync } from "../counters.ts";
import { AppError } from "../errors.ts";
import { newId } from "../ids.ts";
import type { InTurn } from "../in-turn.ts";
import { log } from "../log.ts";
import { clearAlert, raiseAlert } from "../notices/store.ts";
import { SECOND } from "../time.ts";
import { together } from "../together.ts";
import { type Look, lookAt } from "./look.ts";
import { type ObjectRow, readObject } from "./objects.ts";
import { bringBack, isMute, noteRebuilt } from "./rebuilt.ts";
import { failSync, noteAnswered } from "./sync-failure.ts";
import {
  type Answer,
  answerRing,
  lastFetchesAllMissed,
  type Outcome,
  recordSync,
  settleEvents,
  type Telling,
} from "./sync-store.ts";

/** How often one claim starts over because another sync was quicker. */
const OVERTAKEN_MAX = 5;
/** Fetches in a row that find nothing before an administrator is told: the key may be another account's. */
const MISSING_ALERT = 5;

/**
 * Makes one gateway object true here: reads its version, looks, and in one transaction decides,
 * applies and answers the ring, unless another sync got there first; then it looks again. A stale
 * answer can never overwrite a newer one, and no lock is held while the gateway is asked.
 */
export async function syncObject(
  objectId: number,
  how: HowToSync = {},
): Promise<Outcome | undefined> {
  const object = await readObject(objectId);
  return object && syncClaimed(object, how);
}

export type HowToSync = {
  /** For how long no worker takes the object once it is true. */
  readonly restSeconds?: number;
  /** The turns of those who sync in one process. Syncs of one customer lock its row, each until it ends. */
  readonly inTurn?: InTurn;
};

/** The same for an object whose row was read when it was claimed. */
export async function syncClaimed(
  claimed: ObjectRow,
  { restSeconds, inTurn = atOnce }: HowToSync = {},
): Promise<Outcome | undefined> {
  for (let attempt = 0; attempt < OVERTAKEN_MAX; attempt++) {
    const object = attempt === 0 ? claimed : await readObject(claimed.id);
    if (!object) return undefined;
    const started = performance.now();
    try {
      const look = await lookAt(object);
      if (look.source === "fetch") noteAnswered(object);
      const outcome = await inTurn(whoseLock(object, look), () =>
        db().transaction((tx) => commitLook(tx, object, look, { started, restSeconds })),
      );
      tell(object, outcome);
      return counted(object, outcome);
    } catch (error) {
      if (error === OVERTAKEN || isLostRace(error)) continue;
      return counted(object, await failSync(object, error, started));
    }
  }
  const object = await readObject(claimed.id);
  const error = new AppError(
    "not_yet",
    "Other syncs of the same object were quicker, again and again.",
  );
  return object && counted(object, await failSync(object, error, performance.now()));
}

const atOnce: InTurn = (_, work) => work();

/** Whose row a sync locks: its customer's, as far as that is known without asking. */
function whoseLock({ id, gateway, mode }: ObjectRow, look: Look): string {
  const snapshot = look.kind === "snapshot" ? look.snapshot : undefined;
  const customer =
    snapshot?.kind === "customer"
      ? snapshot.ref
      : snapshot && "customerRef" in snapshot && snapshot.customerRef;
  return customer ? `${gateway} ${mode} ${customer}` : String(id);
}

function counted({ gateway }: ObjectRow, outcome: Outcome): Outcome {
  countSync({ ...outcome, gateway }, outcome.durationMs / SECOND);
  return outcome;
}

/** What a sync would change now, without changing it. */
export async function previewSync(objectId: number): Promise<Outcome | undefined> {
  const object = await readObject(objectId);
  if (!object) return undefined;
  const look = await lookAt(object);
  let outcome: Outcome | undefined;
  try {
    await db().transaction(async (tx) => {
      outcome = await commitLook(tx, object, look, { started: performance.now() });
      throw ROLL_BACK;
    });
  } catch (error) {
    if (error !== ROLL_BACK && error !== OVERTAKEN) throw error;
  }
  return outcome;
}

const OVERTAKEN = Symbol("another sync moved the version first");
const ROLL_BACK = Symbol("only looked");

async function commitLook(
  tx: Tx,
  object: ObjectRow,
  look: Look,
  { started, restSeconds }: { started: number; restSeconds?: number | undefined },
): Promise<Outcome> {
  const syncId = newId("syn");
  const wasAway = await bringBack(tx, object);
  const projection = await projectLook(tx, object, look, syncId, wasAway);
  const outcome: Outcome = {
    syncId,
    cause: object.cause ?? "event",
    source: look.source,
    outcome: look.kind === "unknown" ? "unknown" : (projection?.outcome ?? "unchanged"),
    ...reasonOf(object, look, projection),
    changes: projection?.changes ?? [],
    organizationId: projection?.organizationId ?? null,
    durationMs: Math.round(performance.now() - started),
  };
  await noteRebuilt(tx, object, look, projection, outcome.reason);
  if (object.hasFailed) {
    for (const kind of ["not_synced", "parked"]) await clearAlert(tx, kind, `object:${object.id}`);
  }
  const answer: Answer = {
    waitingFor: projection?.waitingFor ?? null,
    missing: look.kind === "unknown",
    applied: appliedBy(look),
    changedBySyncId: outcome.changes.length > 0 ? syncId : undefined,
    parked: false,
    restSeconds,
  };
  const rings = projection?.rings ?? [];
  const recorded = recordSync(tx, object, outcome, true);
  if (look.kind === "unknown") {
    await recorded;
    await alertMissing(tx, object);
  }
  const [, , , isMoved] = await together([
    projection?.write(),
    recorded,
    settleEvents(tx, object, outcome, tellingOf(look, outcome)),
    answerRing(tx, object, rings, projection?.wakes ?? [], answer),
  ]);
  if (!isMoved) throw OVERTAKEN;
  return outcome;
}

async function projectLook(
  tx: Tx,
  object: ObjectRow,
  look: Look,
  syncId: string,
  wasAway: boolean,
): Promise<Projection | undefined> {
  if (look.kind === "unknown" || look.kind === "nothing") return undefined;
  const setting = {
    gateway: object.gateway,
    mode: object.mode,
    source: look.source,
    now: new Date(),
    countsForTier: object.mode === config().mode,
    tierMode: config().mode,
    isMute: await isMute(tx, object),
    wasAway,
    cause: object.cause ?? "event",
    syncId,
  };
  return look.kind === "gone"
    ? projectGone(tx, setting, object.type, look.gone)
    : project(tx, setting, look.snapshot, look.provisional);
}

function reasonOf(
  object: ObjectRow,
  look: Look,
  projection: Projection | undefined,
): { reasonCode: string | null; reason: string | null } {
  if (look.kind === "unknown") {
    const reason = `The gateway knows no ${object.type} ${object.ref} under this key, so nothing was changed.`;
    return { reasonCode: "unknown_to_this_key", reason };
  }
  if (look.kind === "nothing") return { reasonCode: look.code, reason: look.sentence };
  if (projection?.reason) {
    return { reasonCode: projection.reason.code, reason: projection.reason.sentence };
  }
  if (projection?.outcome !== "unchanged") return { reasonCode: null, reason: null };
  const since = object.changedBySyncId ? ` since sync ${object.changedBySyncId}` : "";
  return { reasonCode: "already_true", reason: `Already true${since}.` };
}

function tellingOf(look: Look, outcome: Outcome): Telling {
  const { reasonCode, reason } = outcome;
  const used =
    look.source === "payload" && "payloads" in look
      ? look.payloads.map((payload) => payload.eventRef)
      : undefined;
  const isUnmatched = outcome.outcome === "waiting" || reasonCode === "price_in_no_plan";
  const status = look.kind === "unknown" ? "unknown" : isUnmatched ? "unmatched" : "processed";
  // Events that wait all wait for the same thing, the older ones too.
  return { status, reasonCode, reason, used: outcome.outcome === "waiting" ? undefined : used };
}

function appliedBy(look: Look): Record<string, AppliedPayload> {
  if (!("payloads" in look)) return {};
  return Object.fromEntries(look.payloads.map((payload) => [payload.object, payload.key]));
}

async function alertMissing(tx: Tx, object: ObjectRow): Promise<void> {
  if (!(await lastFetchesAllMissed(tx, object, MISSING_ALERT))) return;
  await raiseAlert(tx, {
    kind: "unknown_to_this_key",
    subject: `${object.gateway}:${object.mode}`,
    message:
      `The last ${MISSING_ALERT} looks found nothing at ${object.gateway} (${object.mode}). ` +
      "Is the API key another account's?",
    href: `/admin/settings/gateways/${object.gateway}`,
  });
}

/** Deadlocks and failed serialisations are nobody's fault and never repeat in the same way. */
function isLostRace(error: unknown): boolean {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  const code = (cause as { code?: unknown } | undefined)?.code;
  return code === "40P01" || code === "40001";
}

function tell(object: ObjectRow, outcome: Outcome): void {
  const fields = {
    object: `${object.type}:${object.ref}`,
    mode: object.mode,
    sync: outcome.syncId,
  };
  for (const { record, field, before, after } of outcome.changes as Change[]) {
    if (field === "tier") {
      log().info(
        { ...fields, organizationId: outcome.organizationId },
        `${record}: ${before} → ${after}`,
      );
    }
  }
  const why = outcome.reason ? `: ${outcome.reason}` : "";
  log().info(
    { ...fields, durationMs: outcome.durationMs },
    `processed ${object.gateway} ${object.type} ${object.ref}, ${outcome.outcome}${why}`,
  );
}
