import { sql } from "#db/client.ts";
import type { AppliedPayload } from "#db/schema/inbox.ts";
import type { Mode, ObjectType } from "../gateways/gateway.ts";

/** How long a claim holds: longer than the longest sync, so that a dead worker's claims come back. */
export const LEASE_SECONDS = 30;

/** A gateway object's row, as a sync reads it before it looks at the gateway. */
export type ObjectRow = {
  id: number;
  gateway: string;
  mode: Mode;
  type: ObjectType;
  ref: string;
  rung: number;
  syncedRung: number;
  syncVersion: number;
  cause: string | null;
  attempts: number;
  /** Whether its last look failed: then somebody may have been told. */
  hasFailed: boolean;
  missingCount: number;
  waitingFor: string | null;
  applied: Record<string, AppliedPayload> | null;
  changedBySyncId: string | null;
  changedAt: Date | null;
  rungAt: Date;
  /** The rebuild of its connection that is under way. */
  rebuildId: string | null;
};

/** Takes due objects for a while. No two workers get the same one, and none waits for another. */
export async function claimObjects(limit: number): Promise<number[]> {
  const rows = await sql()<{ id: string }[]>`
    with due as (
      select o.id from gateway_objects o
      where o.is_due
        and o.next_attempt_at <= now()
        and (o.leased_until is null or o.leased_until <= now())
        -- Read once: looked up for each row, a backlog that is paused would cost about twice as much.
        and (o.gateway, o.mode) not in (
          select c.gateway, c.mode from gateway_connections c where c.paused_until > now())
      order by o.next_attempt_at
      limit ${limit}
      for update of o skip locked)
    update gateway_objects o
    set leased_until = now() + make_interval(secs => ${LEASE_SECONDS})
    from due where o.id = due.id
    returning o.id`;
  return rows.map((row) => Number(row.id));
}

/** Gives claims back unworked, for a worker that stops. */
export async function releaseObjects(ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql()`update gateway_objects set leased_until = null where id in ${sql()([...ids])}`;
}

/** Reads an object's row without locking it; a sync compares the version again at its end. */
export async function readObject(id: number): Promise<ObjectRow | undefined> {
  const [row] = await sql()<ObjectRow[]>`
    select id::int8 as id, gateway, mode, type, ref, rung, synced_rung as "syncedRung",
      sync_version as "syncVersion", cause, attempts,
      last_error is not null as "hasFailed", missing_count as "missingCount",
      waiting_for as "waitingFor", applied, changed_by_sync_id as "changedBySyncId",
      changed_at as "changedAt", rung_at as "rungAt",
      (select r.id from rebuilds r where r.finished_at is null
        and r.gateway = gateway_objects.gateway and r.mode = gateway_objects.mode) as "rebuildId"
    from gateway_objects where id = ${id}`;
  return row ? { ...row, id: Number(row.id) } : undefined;
}
