import { AppError } from "#lib/errors.ts";

/** A row of a form that repeats, such as a price: its fields are named `prices.3.amount`. */
export type Row = { readonly index: string; readonly fields: Readonly<Record<string, string>> };

/** The rows that somebody filled in, in the order of the page. Blank ones are there to be filled. */
export function rowsOf(
  data: FormData,
  group: string,
  isBlank: (fields: Readonly<Record<string, string>>) => boolean,
): Row[] {
  const rows = new Map<string, Record<string, string>>();
  for (const [name, value] of data) {
    const [, index, field] = new RegExp(`^${group}\\.(\\d{1,4})\\.(\\w+)$`).exec(name) ?? [];
    if (index === undefined || field === undefined || typeof value !== "string") continue;
    const fields = rows.get(index) ?? {};
    fields[field] = value;
    rows.set(index, fields);
  }
  return [...rows]
    .map(([index, fields]) => ({ index, fields }))
    .filter((row) => !isBlank(row.fields));
}

/** A command counts the rows that it was given; the form counts those that it shows. */
export async function sayingRows<Value>(
  group: string,
  rows: readonly Row[],
  command: () => Promise<Value>,
): Promise<Value> {
  try {
    return await command();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const renamed = Object.entries(error.fields).map(([name, sentence]) => {
      const [, place, field] = new RegExp(`^${group}\\.(\\d+)\\.(.+)$`).exec(name) ?? [];
      const row = place === undefined ? undefined : rows[Number(place)];
      return [row ? `${group}.${row.index}.${field}` : name, sentence];
    });
    throw new AppError(error.code, error.message, {
      cause: error,
      fields: Object.fromEntries(renamed),
      seen: error.seen,
    });
  }
}
