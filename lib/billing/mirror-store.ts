import { getTableColumns, getTableName, type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import type { checkouts, disputes, invoices, payments, subscriptions } from "#db/schema/index.ts";
import { type IdKind, newId } from "../ids.ts";

/**
 * Writing and reading the rows that mirror gateway objects. Every sync does, so the statements are put
 * together once for each table, and not by the query builder each time.
 */

export type MirrorTable =
  | typeof subscriptions
  | typeof invoices
  | typeof payments
  | typeof disputes
  | typeof checkouts;

type Column = { key: string; name: string; type: string };

/** One row per gateway object, whoever comes first. */
export async function saveRow<Table extends MirrorTable>(
  tx: Tx,
  table: Table,
  kind: IdKind,
  row: Omit<Table["$inferSelect"], "id">,
): Promise<void> {
  const { columns, before, after } = statementOf(table);
  const values: Record<string, unknown> = { ...row, id: newId(kind) };
  const given = columns.map(({ key, type }) => textOf(values[key], type));
  await tx.execute(sql`${before}${sql.param(given)}${after}`);
}

/** A row that PostgreSQL told as JSON. */
export function readRow<Table extends MirrorTable>(
  table: Table,
  told: Readonly<Record<string, unknown>>,
): Table["$inferSelect"] {
  const entries = statementOf(table).columns.map(({ key, name, type }) => {
    const value = told[name];
    return [
      key,
      type.startsWith("timestamp") && typeof value === "string" ? new Date(value) : value,
    ];
  });
  return Object.fromEntries(entries) as Table["$inferSelect"];
}

type Statement = { columns: readonly Column[]; before: SQL; after: SQL };

const statements = new Map<MirrorTable, Statement>();

function statementOf(table: MirrorTable): Statement {
  const known = statements.get(table);
  if (known) return known;
  const columns = Object.entries(getTableColumns(table)).map(([key, column]) => ({
    key,
    name: column.name,
    type: column.getSQLType(),
  }));
  const names = columns.map(({ name }) => name);
  const values = columns.map(({ type }, place) => `v[${place + 1}]::${type}`);
  const sets = names.filter((name) => name !== "id").map((name) => `${name} = excluded.${name}`);
  const made = {
    columns,
    before: sql.raw(
      `insert into ${getTableName(table)} (${names.join(", ")})
        select ${values.join(", ")} from (select `,
    ),
    after: sql.raw(`::text[] as v) given
      on conflict (gateway, mode, ref) do update set ${sets.join(", ")}`),
  };
  statements.set(table, made);
  return made;
}

function textOf(value: unknown, type: string): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  return type === "jsonb" ? JSON.stringify(value) : String(value);
}
