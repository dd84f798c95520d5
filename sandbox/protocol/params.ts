import { z } from "zod";

/*
 * How parameters are read. A form carries text only, so each of these takes text (a JSON-like tree of
 * it, after `form.ts`) and gives what the operation wants; "" is how Stripe's clients unset something.
 */

export const text = () => z.string().min(1).max(5_000);
export const integer = () =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, "parameter_invalid_integer")
    .transform(Number);
export const natural = () =>
  z
    .string()
    .regex(/^\d{1,15}$/, "parameter_invalid_integer")
    .transform(Number);
export const decimal = () =>
  z.string().regex(/^-?\d{1,15}(\.\d{1,12})?$/, "parameter_invalid_decimal");
/** Seconds since 1970. */
export const moment = () =>
  z
    .string()
    .regex(/^\d{1,11}$/, "parameter_invalid_timestamp")
    .transform(Number);
export const flag = () =>
  z.enum(["true", "false"], "parameter_invalid_boolean").transform((given) => given === "true");
export const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names);
export const currency = () =>
  z
    .string()
    .toLowerCase()
    .regex(/^[a-z]{3}$/, "invalid_currency");
export const listOf = <Item extends z.ZodType>(item: Item) => z.array(item).max(100);
/** An empty text unsets; the operation is handed null. */
export const emptyable = <Inner extends z.ZodType>(inner: Inner) =>
  z.union([z.literal("").transform(() => null), inner]);

/** Metadata as sent: a key with "" goes, an empty `metadata` empties all. See `mergeMetadata`. */
export const metadata = () => emptyable(z.record(z.string().max(40), z.string().max(500)));

/** A parameter that Stripe knows and the sandbox does not model: refused when sent. */
export const unmodelled = () =>
  z
    .unknown()
    .refine((given) => given === undefined, "sandbox_not_modelled")
    .optional();

/**
 * The parameters of one operation or of a nested object, closed: whatever is not named is refused as
 * `parameter_unknown`. With the SDK's own type of the parameters given, all of its members must be
 * named, be it as `unmodelled()`.
 */
export function params<Known = object>() {
  return <const Shape extends Named<Known>>(shape: Shape) => z.strictObject(shape);
}
type Named<Known> = Record<Exclude<keyof Known, "expand">, z.ZodType> & Record<string, z.ZodType>;

/** Lists' own parameters; add the filters of the list to them. */
export const page = {
  limit: natural().optional(),
  starting_after: text().optional(),
  ending_before: text().optional(),
};

/** A moment or a range of moments, as lists filter by `created`. */
export const range = () =>
  z.union([
    moment(),
    z.strictObject({
      gt: moment().optional(),
      gte: moment().optional(),
      lt: moment().optional(),
      lte: moment().optional(),
    }),
  ]);

/** Stripe's rule: keys are merged one by one, "" removes one, null (an empty `metadata`) removes all. */
export function mergeMetadata(
  before: Readonly<Record<string, string>> | null,
  given: Readonly<Record<string, string>> | null | undefined,
): Record<string, string> {
  if (given === null) return {};
  const merged = { ...before, ...given };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ""));
}
