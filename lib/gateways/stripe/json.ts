import { AppError } from "#lib/errors.ts";
import { fromUnixSeconds } from "#lib/time.ts";

/** An object out of a body that somebody else wrote: any member may be missing, null or of another type. */
export type Json = Readonly<Record<string, unknown>>;

/** Whatever JSON says; undefined for what is none. Never throws. */
export function parseJson(source: string | Buffer): unknown {
  try {
    return JSON.parse(typeof source === "string" ? source : STRICT_UTF8.decode(source));
  } catch {
    return undefined;
  }
}

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What lies at a path, or undefined. Own members only, so that no name reaches a prototype. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const name of path) {
    if (!isJson(here) || !Object.hasOwn(here, name)) return undefined;
    here = here[name];
  }
  return here;
}

/** The object at a path, or undefined. */
export function objectAt(value: unknown, ...path: readonly string[]): Json | undefined {
  const found = at(value, ...path);
  return isJson(found) ? found : undefined;
}

/** The objects of a list, written as an array or as Stripe's `{object: "list", data: […]}`. */
export function listAt(value: unknown, ...path: readonly string[]): readonly Json[] {
  const found = at(value, ...path);
  const list = Array.isArray(found) ? found : at(found, "data");
  return Array.isArray(list) ? list.filter(isJson) : [];
}

/** A text that PostgreSQL can hold, cut to a length; null when there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = at(value, ...path);
  if (typeof found !== "string") return null;
  const clean = found.replaceAll("\u0000", "").slice(0, TEXT_LENGTH_MAX).toWellFormed().trim();
  return clean || null;
}

/** Whether a text can name something: no control characters, no half characters, not too long. */
export function isName(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.length > 0 &&
    value.length <= NAME_LENGTH_MAX &&
    value.isWellFormed() &&
    !/\p{Cc}/u.test(value)
  );
}

/** The id at a path, where Stripe puts the id itself or, expanded, the object that has it. */
export function refAt(value: unknown, ...path: readonly string[]): string | null {
  const found = at(value, ...path);
  const id = isJson(found) ? at(found, "id") : found;
  return isName(id) ? id : null;
}

/** The instant at a path, from Unix seconds. */
export function dateAt(value: unknown, ...path: readonly string[]): Date | null {
  return fromUnixSeconds(at(value, ...path));
}

/**
 * The amount at a path, in minor units. Absent is null; what is there and is not a whole number that
 * JavaScript holds exactly is refused, since a guess about money is worse than none.
 */
export function amountAt(value: unknown, ...path: readonly string[]): number | null {
  const found = at(value, ...path);
  if (found === undefined || found === null) return null;
  if (typeof found === "number" && Number.isSafeInteger(found)) return found;
  const shown = (
    typeof found === "number" ? `${found}` : (JSON.stringify(found) ?? "unreadable")
  ).slice(0, 40);
  throw new AppError(
    "gateway_refused",
    `Stripe says ${path.join(".")} is ${shown}, which is not a whole number of minor units that can be held exactly.`,
  );
}

/** The same of what is never below zero: money that was paid, went back or is disputed. */
export function unsignedAmountAt(value: unknown, ...path: readonly string[]): number | null {
  const amount = amountAt(value, ...path);
  if (amount === null || amount >= 0) return amount;
  throw new AppError(
    "gateway_refused",
    `Stripe says ${path.join(".")} is ${amount}, and such an amount is never below zero.`,
  );
}

/** A count at a path; null when it is absent or no whole number. */
export function countAt(value: unknown, ...path: readonly string[]): number | null {
  const found = at(value, ...path);
  return typeof found === "number" && Number.isInteger(found) && found >= 0 && found <= COUNT_MAX
    ? found
    : null;
}

/** Keeps a byte order mark, so that what is read is what was signed. */
const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const TEXT_LENGTH_MAX = 2_000;
const NAME_LENGTH_MAX = 255;
/** The largest that a PostgreSQL integer holds. */
const COUNT_MAX = 2_147_483_647;
