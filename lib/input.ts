import { z } from "zod";
import { AppError } from "./errors.ts";

/**
 * What a command works with, from what somebody sent. Throws `invalid_input` with a sentence for each
 * wrong field, under the field's dotted path, so that a form can show it where it belongs.
 */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields: Record<string, string> = {};
  for (const issue of parsed.error.issues) fields[issue.path.join(".")] ??= issue.message;
  const [only, ...others] = Object.values(fields);
  const sentence = others.length === 0 && only ? only : "Some fields need another look.";
  throw new AppError("invalid_input", sentence, { fields });
}

/** Refuses one field with a sentence that stands beside it. */
export function refusedField(
  name: string,
  sentence: string,
  code: "invalid_input" | "conflict" = "invalid_input",
): AppError {
  return new AppError(code, sentence, { fields: { [name]: sentence } });
}

/** An optional field of a form: sent empty, it is absent. */
export function absentWhenEmpty<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (value) =>
      typeof value === "string" && value.trim() === "" ? undefined : (value ?? undefined),
    schema.optional(),
  );
}

/** One of our ids. What does not look like one is nobody's. */
export const id = z
  .string({ error: "An id is missing." })
  .regex(/^[a-z]{3}_[0-9a-z_]{1,60}$/, "This is not an id.");

/**
 * One line of readable text. PostgreSQL refuses NUL, half a character would be stored as another, and
 * nobody means the other control characters or those that turn the reading direction of what follows.
 */
export function line(what: string, max = 120) {
  return z
    .string(`Enter ${what}.`)
    .trim()
    .min(1, `Enter ${what}.`)
    .max(max, `Use ${max} characters or fewer.`)
    .regex(
      /^[^\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]*$/u,
      "Use one line of text without control characters.",
    );
}

/** Text of several lines, perhaps none. */
export function prose(max = 500) {
  return z
    .string("Enter text.")
    .trim()
    .max(max, `Use ${max} characters or fewer.`)
    .regex(
      /^(?:[^\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]|[\n\r\t])*$/u,
      "Use text without control characters.",
    );
}
