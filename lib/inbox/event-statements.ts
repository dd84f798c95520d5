import type postgres from "postgres";
import type { EventRow, Group } from "./event-rows.ts";
import { escaped, FIELD_END, type Field, LINE_END, linesOf, NONE } from "./lines.ts";

/** A connection, or a transaction on one. */
export type Client = postgres.ISql;

/** What became of one group of arrivals: the event that has the key now, and whether it is this one. */
export type Answer = { event_id: string; is_new: boolean; is_same: boolean };

/** A group whose key an event with another body has. */
export type Conflict = { readonly group: Group; readonly keptId: string };

/**
 * Stores new events, rings their objects and counts repeats.
 *
 * Who inserted the key wrote its own event id there, so comparing ids tells a new event from a repeat.
 * A ring on a parked object un-parks it: something has changed since it failed.
 */
export function insertEvents(client: Client, groups: readonly Group[]) {
  const given = groups.map(({ row, places }) => ({ ...row, deliveries: places.length }));
  return client<Answer[]>`
    with arrived as materialized (${arrivedFrom(client, given, groups)}),
    keyed as (
      insert into event_keys as known
        (gateway, mode, account, event_ref, body_hash, event_id, deliveries)
      select gateway, mode, account, event_ref, body_hash, id, deliveries
      from arrived
      order by gateway, mode, account, event_ref
      on conflict on constraint an_event_is_stored_once do update set
        deliveries = known.deliveries
          + case when known.body_hash = excluded.body_hash then excluded.deliveries else 0 end,
        last_delivered_at =
          case when known.body_hash = excluded.body_hash then now() else known.last_delivered_at end
      returning gateway, mode, account, event_ref, event_id, body_hash
    ),
    fresh as (
      select arrived.* from arrived join keyed on keyed.event_id = arrived.id
    ),
    rung as (
      insert into gateway_objects as object (gateway, mode, type, ref, payer, rung)
      select gateway, mode, root_type, root_ref, min(payer), count(*)::int
      from fresh
      where root_ref is not null
      group by gateway, mode, root_type, root_ref
      order by gateway, mode, root_type, root_ref
      on conflict on constraint one_row_per_gateway_object do update set
        rung = object.rung + excluded.rung,
        rung_at = case when object.is_due then object.rung_at else now() end,
        -- One that waits its turn already keeps it, which also leaves every index as it is.
        next_attempt_at = case when object.is_due and object.next_attempt_at <= now()
          then object.next_attempt_at else now() end,
        attempts = case when object.parked_at is null then object.attempts else 0 end,
        parked_at = null
      returning id, gateway, mode, type, ref, rung
    ),
    stored as (
      insert into webhook_events (${client.unsafe(COLUMNS)}, body, object_id, ring)
      select ${client.unsafe(VALUES)}, ${bodyFrom(client, groups)}, rung.id,
        rung.rung - count(*) over (partition by rung.id)
          + row_number() over (partition by rung.id order by place)
      from fresh
      left join rung on rung.gateway = fresh.gateway and rung.mode = fresh.mode
        and rung.type = root_type and rung.ref = root_ref
    )
    select
      keyed.event_id,
      keyed.event_id = arrived.id as is_new,
      keyed.body_hash = arrived.body_hash as is_same
    from arrived join keyed using (gateway, mode, account, event_ref)
    order by arrived.place`;
}

/** A contradiction is kept once for each body, however often it is delivered. */
export function insertConflicts(client: Client, conflicts: readonly Conflict[]) {
  const given = conflicts.map(({ group, keptId }) => ({
    ...group.row,
    status: "conflict",
    reason_code: "other_body",
    reason: `The same event id came before with another body (${keptId}). That one counts.`,
  }));
  const groups = conflicts.map(({ group }) => group);
  return client`
    insert into webhook_events (${client.unsafe(COLUMNS)}, body)
    select ${client.unsafe(VALUES)}, ${bodyFrom(client, groups)}
    from (${arrivedFrom(client, given, groups)}) as fresh
    where not exists (
      select 1 from webhook_events as kept
      where kept.event_ref = fresh.event_ref and kept.status = 'conflict'
        and kept.gateway = fresh.gateway and kept.mode = fresh.mode
        and kept.account = fresh.account and sha256(kept.body) = fresh.body_hash
    )`;
}

/**
 * All rows as one text, a line of fields for each, and all bodies as another: a good deal cheaper, for
 * both sides, than an array for each column, or JSON, or bytes in hexadecimal. A body is cut out only
 * where its row is stored, so that no step before carries it.
 */
function arrivedFrom(
  client: Client,
  rows: readonly Omit<EventRow, "status" | "reason_code" | "reason">[],
  groups: readonly Group[],
) {
  let from = 1;
  const lines = rows.map((row, place) => {
    const size = groups[place]?.body.length ?? 0;
    const given: Readonly<Record<string, Field>> = { ...row, from, size };
    from += size;
    return FIELDS.map(([name]) => given[name] ?? null);
  });
  return client`
    select place, ${client.unsafe(READ_FIELDS)}
    from (
      select place, string_to_array(line, ${FIELD_END}, ${NONE}) as field
      from string_to_table(${linesOf(lines)}, ${LINE_END}) with ordinality as given(line, place)
      offset 0
    ) as given`;
}

/** The body of the row at hand. The subquery is there so that all are decoded once. */
function bodyFrom(client: Client, groups: readonly Group[]) {
  const bodies = groups.map(({ body }) => escaped(body)).join("");
  return client`substring((select decode(${bodies}, 'escape')) from fresh."from" for fresh.size)`;
}

/** The fields of a line, in their order, and what PostgreSQL reads them as. */
const FIELDS = [
  ["id", "text"],
  ["gateway", "text"],
  ["mode", "text"],
  ["account", "text"],
  ["event_ref", "text"],
  ["body_hash", "bytea"],
  ["deliveries", "int"],
  ["type", "text"],
  ["api_version", "text"],
  ["created_at", "timestamptz"],
  ["signed_at", "timestamptz"],
  ["secret_id", "text"],
  ["headers", "jsonb"],
  ["root_type", "text"],
  ["root_ref", "text"],
  ["payer", "text"],
  ["payload_object", "text"],
  ["payload_terminal", "boolean"],
  ["payload_rank", "int"],
  ["status", "text"],
  ["reason_code", "text"],
  ["reason", "text"],
  ["from", "int"],
  ["size", "int"],
] as const;
const READ_FIELDS = FIELDS.map(
  ([name, type], place) => `field[${place + 1}]::${type} as "${name}"`,
).join(", ");

/** What is told by a line and is no column of `webhook_events`. */
const BESIDE: ReadonlySet<string> = new Set([
  "body_hash",
  "deliveries",
  "root_type",
  "root_ref",
  "payer",
  "from",
  "size",
]);
const COLUMN_NAMES = FIELDS.map(([name]) => name).filter((name) => !BESIDE.has(name));
const COLUMNS = COLUMN_NAMES.join(", ");
const VALUES = COLUMN_NAMES.map((name) => `fresh.${name}`).join(", ");
