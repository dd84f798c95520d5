import { isUtf8 } from "node:buffer";

/*
 * Rows and bodies as text that PostgreSQL takes apart cheaply: with `string_to_table` and
 * `string_to_array`, and with `decode(…, 'escape')`.
 */

export type Field = string | number | boolean | Date | null;

/** ASCII has marks for this: the ends of a record and of a unit, and one more that stands for null. */
export const LINE_END = "\u001e";
export const FIELD_END = "\u001f";
export const NONE = "\u001d";

/** Rows of fields as one text. A field that holds a mark would break its line: see `storable`. */
export function linesOf(rows: readonly (readonly Field[])[]): string {
  return rows.map((row) => row.map(written).join(FIELD_END)).join(LINE_END);
}

function written(field: Field): string {
  if (field === null) return NONE;
  return field instanceof Date ? field.toISOString() : String(field);
}

/** Text as PostgreSQL and a line can hold it: no NUL, no marks, no halves of characters. */
export function storable(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return UNSTORABLE.test(whole) ? whole.replaceAll(UNSTORABLE_ALL, "\ufffd") : whole;
}

/** Bytes as the text that `decode(…, 'escape')` turns back into them; mostly the text that they are. */
export function escaped(bytes: Buffer): string {
  if (!isUtf8(bytes)) return bytes.toString("latin1").replaceAll(NOT_PLAIN, octal);
  const text = bytes.toString("utf8");
  return text.includes("\\") || text.includes("\0") ? text.replaceAll(SPECIAL, octal) : text;
}

function octal(character: string): string {
  return `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
}

const NUL = "\0";
const UNSTORABLE = new RegExp(`[${NUL}${NONE}${LINE_END}${FIELD_END}]`);
const UNSTORABLE_ALL = new RegExp(UNSTORABLE, "g");
const SPECIAL = new RegExp(`[\\\\${NUL}]`, "g");
const NOT_PLAIN = new RegExp(`[\\\\${NUL}\u0080-\u00ff]`, "g");
