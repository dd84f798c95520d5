import { AppError } from "./errors.ts";

/**
 * Long lists are read by position, never by number: page 10,000 costs what page 1 costs, and a row
 * that arrives meanwhile moves nothing.
 */
export type Page<Row> = {
  readonly rows: Row[];
  /** Pass as `after` or `before` to read on; null at that end. */
  readonly newer: string | null;
  readonly older: string | null;
};

/** What an address asks for. Both come from outside: they are checked where they are read. */
export type PageRequest = {
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
};

/** A row's place in a list ordered by time, then id. `at` keeps PostgreSQL's microseconds. */
export type Position = { readonly at: string; readonly id: string };

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 200;

/** How many rows a page has: what was asked for, within reason. */
export function pageSize(request: PageRequest): number {
  const asked = Math.trunc(request.limit ?? LIMIT_DEFAULT);
  return Number.isFinite(asked) ? Math.min(Math.max(asked, 1), LIMIT_MAX) : LIMIT_DEFAULT;
}

/** Which way a page reads, and from where. The address may name one end, not both. */
export function startOf(request: PageRequest): { from: string | undefined; newer: boolean } {
  if (request.before && request.after) throw damaged();
  return { from: request.before || request.after || undefined, newer: Boolean(request.after) };
}

/** Writes a place down for an address: microseconds since 1970, then the id. */
export function writePosition(micros: string, id: string): string {
  return `${micros}-${id}`;
}

/** Reads what `writePosition` wrote, or throws `invalid_input` for anything else. */
export function readPosition(text: string): Position {
  const match = /^(\d{6,16})-([a-z]{3}_[0-9a-z]{26})$/.exec(text);
  const [, micros = "", id = ""] = match ?? [];
  const milliseconds = Number(micros.slice(0, -3));
  if (!match || milliseconds > 8_640_000_000_000) throw damaged();
  const iso = new Date(milliseconds).toISOString();
  return { at: `${iso.slice(0, -1)}${micros.slice(-3)}Z`, id };
}

/** A list ordered by id alone: its place is the id. */
export function readIdPosition(text: string): string {
  if (!/^[a-z]{3}_[0-9a-z]{1,40}$/.test(text)) throw damaged();
  return text;
}

/**
 * Makes a page of rows that were read in the asked direction, one more than fits: the extra one says
 * that the list goes on.
 */
export function pageOf<Row>(
  found: readonly Row[],
  request: PageRequest,
  placeOf: (row: Row) => string,
): Page<Row> {
  const { from, newer } = startOf(request);
  const size = pageSize(request);
  const goesOn = found.length > size;
  const rows = found.slice(0, size);
  if (newer) rows.reverse();
  const first = rows[0];
  const last = rows.at(-1);
  return {
    rows,
    newer: first && (newer ? goesOn : from) ? placeOf(first) : null,
    older: last && (newer || goesOn) ? placeOf(last) : null,
  };
}

function damaged(): AppError {
  return new AppError(
    "invalid_input",
    "This address does not name a page of the list. Start again from the newest.",
  );
}
