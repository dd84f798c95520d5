import type postgres from "postgres";
import { type Arrival, type Group, roundsOf } from "./event-rows.ts";
import {
  type Answer,
  type Client,
  type Conflict,
  insertConflicts,
  insertEvents,
} from "./event-statements.ts";

/** What became of an arrival. All but `repeat` were stored now. */
export type Outcome = "new" | "ignored" | "parked" | "conflict" | "repeat";

export type Stored = { readonly eventId: string; readonly outcome: Outcome };

/**
 * Stores arrivals and rings their objects, in one statement: after its commit all of that is there,
 * else nothing. Repeats are counted on the event that came first. The same event id with another body
 * is kept as a conflict and rings nothing. Touches no organization row; upserts are sorted by key, so
 * that two of these at once cannot deadlock.
 */
export async function storeArrivals(
  client: Client,
  arrivals: readonly Arrival[],
  signal?: AbortSignal,
): Promise<Stored[]> {
  const stored: Stored[] = [];
  for (const groups of roundsOf(arrivals)) {
    const answers = await stoppable(insertEvents(client, groups), signal);
    const conflicts: Conflict[] = [];
    for (const [index, group] of groups.entries()) {
      const answer = answers[index];
      if (!answer) throw new Error("PostgreSQL answered for fewer events than it was given.");
      if (!answer.is_same) conflicts.push({ group, keptId: answer.event_id });
      note(stored, group, answer);
    }
    // A statement of its own is enough: nobody was answered yet, so a crash between loses nothing.
    if (conflicts.length > 0) await stoppable(insertConflicts(client, conflicts), signal);
  }
  return stored;
}

function note(stored: Stored[], { row, places }: Group, answer: Answer): void {
  for (const [nth, place] of places.entries()) {
    if (!answer.is_same) stored[place] = { eventId: row.id, outcome: "conflict" };
    else if (!answer.is_new || nth > 0) {
      stored[place] = { eventId: answer.event_id, outcome: "repeat" };
    } else stored[place] = { eventId: row.id, outcome: OUTCOME_OF[row.status] };
  }
}

const OUTCOME_OF = { received: "new", ignored: "ignored", parked: "parked" } as const;

/** Takes a statement back when time is up, so that it does not go on behind a caller who has left. */
async function stoppable<T extends readonly postgres.MaybeRow[]>(
  query: postgres.PendingQuery<T>,
  signal: AbortSignal | undefined,
): Promise<postgres.RowList<T>> {
  signal?.throwIfAborted();
  const stop = () => cancel(query);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await query;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/**
 * The driver's own `cancel()` lets nobody catch the failure of the connection that carries the wish,
 * and an uncaught one ends the process. This is what it calls.
 */
function cancel(query: object): void {
  const ask: unknown = Reflect.get(query, "canceller");
  if (typeof ask === "function") void Promise.resolve(ask(query)).catch(() => undefined);
}
