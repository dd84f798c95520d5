import { sql } from "#db/client.ts";

const BATCH = 5_000;

/**
 * Forgets which events were received more than 90 days ago, and requests that were refused more than
 * 30 days ago. Effects are keyed by fact, so a repeat after that is harmless. In batches, so that the
 * intake never waits for one long statement; stops between two when asked to.
 */
export async function forgetOldDeliveries(signal?: AbortSignal): Promise<void> {
  await inBatches(deleteEventKeys, signal);
  await inBatches(deleteRefused, signal);
  await inBatches(deleteRefusedCounts, signal);
}

async function inBatches(batch: () => Promise<number>, signal?: AbortSignal): Promise<void> {
  let deleted = BATCH;
  while (deleted === BATCH && !signal?.aborted) deleted = await batch();
}

/**
 * By their place in the table, the oldest first, so that a batch costs what it deletes. What the intake
 * holds is left for later, so that neither waits for the other in a circle.
 */
async function deleteEventKeys(): Promise<number> {
  const { count } = await sql()`
    delete from event_keys where ctid = any(array(
      select ctid from event_keys
      where received_at < now() - interval '90 days'
      order by received_at
      limit ${BATCH} for update skip locked))`;
  return count;
}

async function deleteRefused(): Promise<number> {
  const { count } = await sql()`
    delete from refused_requests where id in (
      select id from refused_requests
      where received_at < now() - interval '30 days'
      order by received_at limit ${BATCH} for update skip locked)`;
  return count;
}

async function deleteRefusedCounts(): Promise<number> {
  const { count } = await sql()`delete from refused_counts where hour < now() - interval '90 days'`;
  return Math.min(count, BATCH - 1);
}
