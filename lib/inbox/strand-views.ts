import { and, type GetColumnData, type SQL, type SQLChunk, sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import { STANDING, webhookEvents } from "#db/schema/inbox.ts";
import type { Mode } from "../gateways/gateway.ts";
import type { FoundObject } from "./search-views.ts";

const t = webhookEvents;

/** What a list shows of an event: the row without its headers and its body. */
export const SHOWN = {
  id: read(t.id),
  receivedAt: read(t.receivedAt),
  gateway: read(t.gateway),
  mode: read(t.mode),
  account: read(t.account),
  type: read(t.type),
  eventRef: read(t.eventRef),
  status: read(t.status),
  reason: read(t.reason),
  reasonCode: read(t.reasonCode),
  objectId: read(t.objectId),
  syncId: read(t.syncId),
  organizationId: read(t.organizationId),
};

/** How often a busy object rang at least, and how many of those are planned for: each costs planning. */
const BUSY_RUNG = 250;
const BUSY_MAX = 8;

/** Which end of a list is read, and how much of it. */
export type Reach = {
  readonly within: SQL | undefined;
  readonly orderBy: SQL;
  /** Whether the oldest come first, as when a list is read towards its newer end. */
  readonly isUpward: boolean;
  readonly limit: number;
};

const COLUMNS = { gateway: sql`${t.gateway}`, mode: sql`${t.mode}`, standing: STANDING } as const;
type Name = keyof typeof COLUMNS;

/**
 * Strands of the log. A strand is what has one value in each column that an index has before the time:
 * its newest events lie side by side there, however long the log is and however rare they are. Few
 * strands exist in any log, and one jump into the index finds each.
 */
export type Strands = {
  /** The columns between what all of them share and the time, in the index's order. */
  readonly columns: readonly Name[];
  readonly shared?: SQL | undefined;
  readonly wanted: Readonly<Partial<Record<Name, string | undefined>>>;
};

/** All of the log, or one gateway's or one mode's: by `webhook_events_newest`. */
export function strandsOfLog(wanted: { gateway?: string | undefined; mode?: Mode | undefined }) {
  return { columns: ["gateway", "mode"], wanted } as const satisfies Strands;
}

/** Rows of the events themselves, from one condition that an index of its own answers. */
export function newestWhere(condition: SQL, { within, orderBy, limit }: Reach): SQL {
  return sql`select ${shown()} from ${t} where ${and(condition, within)}
    order by ${orderBy} limit ${limit}`;
}

/** The newest events of strands, merged. */
export function newestOfStrands(given: Strands, reach: Reach): SQL {
  const strands = narrowed(given);
  if (strands.columns.length === 0) return newestOfStrand(strands, reach);
  return sql`
    with recursive ${strandTable(strands)}
    select ${t}.* from strand, lateral (${newestOfStrand(strands, reach)}) as ${t}
    where ${wantedStrands(strands)}
    order by ${reach.orderBy} limit ${reach.limit}`;
}

/** One row for each event of strands, so many at most: for counting, which needs no more than the index. */
export function eachOfStrands(given: Strands, within: SQL | undefined, limit: number): SQL {
  const strands = narrowed(given);
  const each = sql`select 1 from ${t} where ${inStrand(strands, within)} limit ${limit}`;
  if (strands.columns.length === 0) return each;
  return sql`
    with recursive ${strandTable(strands)}
    select 1 from strand, lateral (${each}) as each where ${wantedStrands(strands)} limit ${limit}`;
}

/**
 * The newest events of each object: by its rings, whose order is that of time but for instants. One that
 * rang often is asked for by itself, so that PostgreSQL plans for it; among many it takes each for quiet,
 * and would read and sort all that ever happened to it.
 */
export function newestOfObjects(objects: readonly FoundObject[], reach: Reach): SQL {
  const { within, orderBy, isUpward, limit } = reach;
  const ofObject = (id: SQL) => sql`(select ${shown()} from ${t}
    where ${and(sql`${t.objectId} = ${id}`, within)}
    order by ${t.ring} ${sql.raw(isUpward ? "asc" : "desc")} limit ${limit})`;
  const busy = objects.filter(({ rung }) => rung > BUSY_RUNG).slice(0, BUSY_MAX);
  const others = objects.filter((object) => !busy.includes(object)).map(({ id }) => id);
  const branches = [
    sql`select ${t}.* from unnest(${sql.param(others)}::bigint[]) as object (id),
      lateral ${ofObject(sql`object.id`)} as ${t}`,
    ...busy.map(({ id }) => ofObject(sql`${id}`)),
  ];
  return sql`
    select ${t}.* from (${sql.join(branches, sql` union all `)}) as ${t}
    order by ${orderBy} limit ${limit}`;
}

/** What is wanted of the first columns is shared by all strands, and need not be looked for among them. */
function narrowed({ columns, shared, wanted }: Strands): Strands {
  const open = columns.findIndex((name) => wanted[name] === undefined);
  const fixed = open === -1 ? columns : columns.slice(0, open);
  const same = fixed.map((name) => sql`${COLUMNS[name]} = ${wanted[name]}`);
  return { columns: columns.slice(fixed.length), shared: and(shared, ...same), wanted };
}

/** Each strand that exists: the first, then always the first behind the one before. */
function strandTable({ columns, shared }: Strands): SQL {
  const values = list(columns.map((name) => COLUMNS[name]));
  const names = list(columns.map((name) => sql.identifier(name)));
  const before = list(columns.map((name) => sql`strand.${sql.identifier(name)}`));
  const behind = and(shared, sql`(${values}) > (${before})`);
  return sql`strand (${names}) as (
    (select ${values} from ${t} where ${shared ?? sql`true`} order by ${values} limit 1)
    union all
    select next.* from strand, lateral (
      select ${values} from ${t} where ${behind} order by ${values} limit 1) as next)`;
}

function newestOfStrand(strands: Strands, { within, orderBy, limit }: Reach): SQL {
  return sql`select ${shown()} from ${t} where ${inStrand(strands, within)}
    order by ${orderBy} limit ${limit}`;
}

function inStrand({ columns, shared }: Strands, within: SQL | undefined): SQL | undefined {
  const same = columns.map((name) => sql`${COLUMNS[name]} = strand.${sql.identifier(name)}`);
  return and(shared, ...same, within);
}

function wantedStrands({ columns, wanted }: Strands): SQL {
  const conditions = columns.flatMap((name) => {
    const value = wanted[name];
    return value === undefined ? [] : [sql`strand.${sql.identifier(name)} = ${value}`];
  });
  return and(...conditions) ?? sql`true`;
}

function shown(): SQL {
  return list(Object.values(SHOWN));
}

/** A column of rows that a statement of ours made, read as the table's own. */
function read<C extends AnyPgColumn>(column: C): SQL<GetColumnData<C>> {
  const value = sql<GetColumnData<C>>`${column}`;
  // Changes it in place; what it returns has forgotten which columns may be null.
  value.mapWith(column);
  return value;
}

function list(parts: readonly SQLChunk[]): SQL {
  return sql.join([...parts], sql`, `);
}
