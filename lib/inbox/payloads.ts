import { sql } from "#db/client.ts";
import type { AppliedPayload } from "#db/schema/inbox.ts";
import type { StoredPayload } from "../gateways/gateway.ts";

/** A stored payload with its place among the payloads of its own object. */
export type RankedPayload = StoredPayload & { object: string; key: AppliedPayload };

/**
 * The newest stored payload of each object that rang this one, by (terminal, created, rank, event
 * ref): a function of the set of payloads, so that any order of delivery ends the same. Refs compare
 * by their bytes, as in `comparePayloads`, and not by the language that the database sorts in.
 */
export async function newestPayloads(objectId: number): Promise<RankedPayload[]> {
  const rows = await sql()<
    {
      object: string;
      event_ref: string;
      type: string;
      created_at: Date | null;
      received_at: Date;
      body: Buffer;
      terminal: boolean;
      rank: number;
    }[]
  >`
    select distinct on (payload_object) payload_object as object, event_ref, type, created_at,
      received_at, body, payload_terminal as terminal, payload_rank as rank
    from webhook_events
    where object_id = ${objectId} and payload_object is not null and status <> 'conflict'
    order by payload_object, payload_terminal desc, created_at desc nulls last,
      payload_rank desc, event_ref collate "C" desc`;
  return rows.map((row) => ({
    object: row.object,
    eventRef: row.event_ref,
    type: row.type,
    createdAt: row.created_at ?? undefined,
    receivedAt: row.received_at,
    body: row.body,
    key: {
      terminal: row.terminal,
      createdAt: (row.created_at ?? new Date(0)).toISOString(),
      rank: row.rank,
      eventRef: row.event_ref,
    },
  }));
}

/**
 * Whether the gateway ever said that the object itself was deleted: then "not found" means "gone".
 * That its discount or one of its items was deleted says nothing.
 */
export async function wasDeleted(objectId: number, ref: string): Promise<boolean> {
  const rows = await sql()`
    select 1 from webhook_events
    where object_id = ${objectId} and type like '%.deleted'
      and substr(payload_object, strpos(payload_object, ':') + 1) = ${ref}
    limit 1`;
  return rows.length > 0;
}

/** Compares the places of two payloads of one object. */
export function comparePayloads(a: AppliedPayload, b: AppliedPayload): number {
  if (a.terminal !== b.terminal) return a.terminal ? 1 : -1;
  if (a.createdAt !== b.createdAt) return a.createdAt > b.createdAt ? 1 : -1;
  if (a.rank !== b.rank) return a.rank - b.rank;
  return a.eventRef === b.eventRef ? 0 : a.eventRef > b.eventRef ? 1 : -1;
}
