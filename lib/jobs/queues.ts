import { sql } from "drizzle-orm";
import { fromDrizzle, type QueueOptions } from "pg-boss";
import type { Tx } from "#db/client.ts";
import { AppError, isTransient } from "../errors.ts";

/** Every kind of job and what it is told. Facts are told by id: a job reads what is true when it runs. */
export type JobPayloads = {
  /** One mail to one person, such as an invitation. A link that lets somebody in travels sealed. */
  "mail.send": {
    template: string;
    to: string;
    data: Record<string, string>;
    sealedLink?: string | undefined;
  };
  /** The mail about a noted fact; see `notices`. */
  "notice.send": { noticeId: string };
  /** A secret was mended: requests that were refused may be genuine after all. */
  "inbox.verify-again": { gateway: string };
  /** A connection can fetch now: everything that was applied from payloads is asked for. */
  "inbox.ring-all": { gateway: string; mode: "test" | "live" };
  /** Goes on with reading what a gateway has on sale. */
  "catalogue.read": { gateway: string; mode: "test" | "live" };
  /** Compares the gateways' own lists of events with what was delivered. */
  "reconcile.gaps": Record<string, never>;
  /** Compares every live subscription with its gateway. */
  "reconcile.subscriptions": Record<string, never>;
  /** Has what every gateway has on sale read. */
  "reconcile.catalogue": Record<string, never>;
  /** Goes on with an import of what a gateway has, for a while. */
  "import.go-on": { importId: string };
  /** Notes cards that pay for a subscription and are about to expire. */
  "notice.expiring-cards": Record<string, never>;
  /** Notes what was given free of charge and is about to end. */
  "notice.ending-comps": Record<string, never>;
  /** Deletes what is too old to be of use. */
  retention: Record<string, never>;
  /** Makes the months of the event log ahead of time. */
  partitions: Record<string, never>;
};

export type JobKind = keyof JobPayloads;

type Policy<K extends JobKind> = QueueOptions & {
  /**
   * `standard`: each job counts. `stately`: of the jobs with one key, at most one waits and one runs,
   * so that what is asked for while it runs is done once more, and not ten times.
   */
  policy: "standard" | "stately";
  keyOf?: (payload: JobPayloads[K]) => string;
  /** How many run at once in one worker process. */
  concurrency: number;
};

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** A worker that dies misses its heartbeat; its job then runs elsewhere within a minute. */
const ALWAYS = { heartbeatSeconds: 20, retryBackoff: true };

/** Tries for about half a day: through a mail server's outage, or until somebody mends a password. */
const MAIL = {
  ...ALWAYS,
  policy: "standard" as const,
  concurrency: 2,
  retryLimit: 12,
  retryDelay: 10,
  retryDelayMax: 2 * HOUR_SECONDS,
  expireInSeconds: 120,
};

const CHORE = {
  ...ALWAYS,
  policy: "stately" as const,
  concurrency: 1,
  retryLimit: 6,
  retryDelay: 5,
  retryDelayMax: HOUR_SECONDS,
  expireInSeconds: HOUR_SECONDS,
  deleteAfterSeconds: 30 * DAY_SECONDS,
};

/** The patience of each kind. What still fails after its last retry is given up loudly. */
export const POLICIES: { readonly [K in JobKind]: Policy<K> } = {
  "mail.send": { ...MAIL, deleteAfterSeconds: 3 * DAY_SECONDS },
  "notice.send": { ...MAIL, deleteAfterSeconds: 14 * DAY_SECONDS },
  "inbox.verify-again": { ...CHORE, keyOf: ({ gateway }) => gateway },
  "inbox.ring-all": { ...CHORE, keyOf: ({ gateway, mode }) => `${gateway}:${mode}` },
  "catalogue.read": { ...CHORE, keyOf: ({ gateway, mode }) => `${gateway}:${mode}` },
  "reconcile.gaps": CHORE,
  "reconcile.subscriptions": CHORE,
  "reconcile.catalogue": CHORE,
  "import.go-on": {
    ...CHORE,
    keyOf: ({ importId }) => importId,
    expireInSeconds: 120,
    deleteAfterSeconds: DAY_SECONDS,
  },
  "notice.expiring-cards": CHORE,
  "notice.ending-comps": CHORE,
  retention: CHORE,
  partitions: CHORE,
};

/** Every kind, as a list. */
export const JOB_KINDS: readonly JobKind[] = [
  "mail.send",
  "notice.send",
  "inbox.verify-again",
  "inbox.ring-all",
  "catalogue.read",
  "reconcile.gaps",
  "reconcile.subscriptions",
  "reconcile.catalogue",
  "import.go-on",
  "notice.expiring-cards",
  "notice.ending-comps",
  "retention",
  "partitions",
];

/** Where a copy of every job ends that was given up, even one whose worker died each time. */
export const GIVEN_UP = "given-up";

/**
 * What a failure means for its job, decided here and nowhere else. A refusal stops: trying again asks
 * the same question. What time mends and what is our bug are tried again, until patience ends.
 */
export function afterFailure(error: unknown): "try_again" | "stop" {
  return error instanceof AppError && !isTransient(error) ? "stop" : "try_again";
}

/** Lets pg-boss write through a transaction of ours. */
export function through(tx: Tx): ReturnType<typeof fromDrizzle> {
  return fromDrizzle(tx, sql);
}
