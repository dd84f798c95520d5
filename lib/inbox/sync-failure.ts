import { db, type Tx } from "#db/client.ts";
import { AppError } from "../errors.ts";
import { newId } from "../ids.ts";
import { log } from "../log.ts";
import { raiseAlert } from "../notices/store.ts";
import { connectionOf, pauseConnection } from "../settings/secrets.ts";
import { HOUR, MINUTE, SECOND } from "../time.ts";
import { briefly, isAway } from "./failures.ts";
import type { ObjectRow } from "./objects.ts";
import { answerRing, noteFailure, type Outcome, recordSync, settleEvents } from "./sync-store.ts";

/** Tries before a look that fails for our own fault is parked. */
const ATTEMPTS_MAX = 5;
/** Looks in a row, of any object, without an answer that make it the whole connection's trouble. */
const OUTAGE_AFTER = 5;
const RETRY_MAX_SECONDS = 300;

/** Unanswered looks in a row, by connection: this process's own view, which is enough to back off. */
const unanswered = new Map<string, number>();

/** What became of an object whose look failed: tried again later, told as failed, or parked. */
export async function failSync(
  object: ObjectRow,
  thrown: unknown,
  started: number,
): Promise<Outcome> {
  const error = isAway(thrown)
    ? new AppError("not_yet", "The database did not answer.", { cause: thrown })
    : thrown;
  const fetches = (await connectionOf(object.gateway, object.mode)) !== undefined;
  const outcome: Outcome = {
    syncId: newId("syn"),
    cause: object.cause ?? "event",
    source: fetches ? "fetch" : "payload",
    outcome: "failed",
    reasonCode: error instanceof AppError ? error.code : "bug",
    reason: sentenceOf(error),
    changes: [],
    organizationId: null,
    durationMs: Math.round(performance.now() - started),
  };
  const line = `sync of ${object.gateway} ${object.type} ${object.ref} failed: ${outcome.reason}`;
  if (error instanceof AppError) {
    log().warn({ object: object.id, code: error.code }, line);
    if (!fetches && error.code !== "not_yet") return settleAsFailed(object, outcome);
    await pauseIfNeeded(object, error);
    await tryLater(object, outcome, error);
    return outcome;
  }
  log().error({ object: object.id, err: error }, line);
  await countAttempt(object, outcome);
  return outcome;
}

/** A look that was answered ends an outage, as far as this process counts. */
export function noteAnswered(object: ObjectRow): void {
  unanswered.delete(`${object.gateway}:${object.mode}`);
}

/** Time mends it: no attempt is spent, and the wait grows with the age of the ring. */
async function tryLater(object: ObjectRow, outcome: Outcome, error: AppError): Promise<void> {
  const age = Date.now() - object.rungAt.getTime();
  const wait = Math.min(Math.max(age / 2, SECOND), 5 * MINUTE);
  await db().transaction(async (tx) => {
    if (error.code !== "not_yet") await recordSync(tx, object, outcome, false);
    if (isAloneInTrouble(object, error)) await alertNotSynced(tx, object, outcome);
    await noteFailure(tx, object, {
      error: sentenceOf(error),
      countsAsAttempt: false,
      retryAt: new Date(Date.now() + (error.code === "not_yet" ? SECOND : wait)),
      park: false,
    });
  });
}

/**
 * A limit or an outage is the connection's, not each object's; so is a key that is refused whatever is
 * asked. A key that may not read one object holds up no other.
 */
async function pauseIfNeeded(object: ObjectRow, error: AppError): Promise<void> {
  const { gateway, mode } = object;
  const key = `${gateway}:${mode}`;
  if (error.code === "gateway_refused") {
    await raiseAlert(db(), {
      kind: "gateway_refused",
      subject: key,
      message: `${gateway} (${mode}) refuses us: ${error.message} Nothing is lost; syncs go on once it is mended.`,
      href: `/admin/settings/gateways/${gateway}`,
    });
  }
  if (error.code !== "gateway_unavailable" && error.code !== "gateway_refused") return;
  const misses = (unanswered.get(key) ?? 0) + 1;
  unanswered.set(key, misses);
  if (error.retryAfterSeconds === undefined && misses < OUTAGE_AFTER) return;
  const own = error.code === "gateway_refused" ? MINUTE / SECOND : misses;
  const seconds = Math.min(error.retryAfterSeconds ?? own, RETRY_MAX_SECONDS);
  await pauseConnection(gateway, mode, new Date(Date.now() + seconds * SECOND), error.message);
}

/**
 * A payload that says something impossible stays so, whoever its customer turns out to be: told, not
 * tried again; a newer event or a replay still may.
 */
async function settleAsFailed(object: ObjectRow, outcome: Outcome): Promise<Outcome> {
  await unlessOvertaken(async (tx) => {
    await recordSync(tx, object, outcome, true);
    const { reasonCode, reason } = outcome;
    await settleEvents(tx, object, outcome, {
      status: "failed",
      reasonCode,
      reason,
      used: undefined,
    });
    return answerRing(tx, object, [], [], NOTHING_NEW);
  });
  return outcome;
}

/** Our fault: try again a few times, then put it aside where it holds up nobody, and say so. */
async function countAttempt(object: ObjectRow, outcome: Outcome): Promise<void> {
  const attempts = object.attempts + 1;
  const parks = attempts >= ATTEMPTS_MAX && (await noteAttempt(object, outcome, attempts, true));
  if (!parks) await noteAttempt(object, outcome, attempts, false);
}

function noteAttempt(
  object: ObjectRow,
  outcome: Outcome,
  attempts: number,
  park: boolean,
): Promise<boolean> {
  return unlessOvertaken(async (tx) => {
    const kept: Outcome = park ? { ...outcome, outcome: "parked" } : outcome;
    await recordSync(tx, object, kept, false);
    if (park) {
      const { reasonCode, reason } = outcome;
      await settleEvents(tx, object, outcome, {
        status: "failed",
        reasonCode,
        reason,
        used: undefined,
      });
      await alertParked(tx, object, outcome);
    }
    const seconds = Math.min(4 ** (attempts - 1), RETRY_MAX_SECONDS);
    return noteFailure(tx, object, {
      error: outcome.reason ?? "",
      countsAsAttempt: true,
      retryAt: new Date(Date.now() + seconds * SECOND),
      park,
    });
  });
}

/** Does all of it, or nothing where it answers that somebody else was quicker. */
async function unlessOvertaken(work: (tx: Tx) => Promise<boolean>): Promise<boolean> {
  try {
    await db().transaction(async (tx) => {
      if (!(await work(tx))) throw OVERTAKEN;
    });
    return true;
  } catch (error) {
    if (error === OVERTAKEN) return false;
    throw error;
  }
}

const OVERTAKEN = Symbol("somebody else was quicker");

/** Nobody would ever hear of one object that is answered wrongly while all others are well. */
function isAloneInTrouble(object: ObjectRow, error: AppError): boolean {
  const others = unanswered.get(`${object.gateway}:${object.mode}`) ?? 0;
  return (
    error.code === "gateway_unavailable" &&
    others < OUTAGE_AFTER &&
    Date.now() - object.rungAt.getTime() > HOUR
  );
}

async function alertNotSynced(tx: Tx, object: ObjectRow, outcome: Outcome): Promise<void> {
  await raiseAlert(tx, {
    kind: "not_synced",
    subject: `object:${object.id}`,
    message: `${object.type} ${object.ref} has not been answered for more than an hour: ${outcome.reason} It is asked for again every few minutes.`,
    href: `/admin/objects/${object.id}`,
  });
}

async function alertParked(tx: Tx, object: ObjectRow, outcome: Outcome): Promise<void> {
  await raiseAlert(tx, {
    kind: "parked",
    subject: `object:${object.id}`,
    message: `${object.type} ${object.ref} was put aside after ${ATTEMPTS_MAX} tries: ${outcome.reason}`,
    href: `/admin/objects/${object.id}`,
  });
}

const NOTHING_NEW = {
  waitingFor: null,
  missing: false,
  applied: {},
  changedBySyncId: undefined,
  parked: false,
};

function sentenceOf(error: unknown): string {
  // A failed query's own message is the query, with everything that it was given.
  return (error instanceof AppError ? error.message : briefly(error).message).slice(0, 500);
}
