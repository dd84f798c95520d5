import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { emailOf, passwordProblem } from "./rules.ts";

/** Turns what somebody sent into what a command takes, or throws `invalid_input` naming each field. */
export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields: Record<string, string> = {};
  for (const issue of parsed.error.issues) {
    const name = issue.path.join(".") || "input";
    fields[name] ??= issue.message;
  }
  const [only, ...others] = Object.values(fields);
  const message = others.length === 0 && only ? only : "Some fields need another look.";
  throw new AppError("invalid_input", message, { fields });
}

/** Refuses one field with a sentence. */
export function invalidField(name: string, message: string): AppError {
  return new AppError("invalid_input", message, { fields: { [name]: message } });
}

export const email = z
  .string({ error: "Enter an e-mail address." })
  .max(1000, "Enter an e-mail address.")
  .transform((typed, context) => {
    const address = emailOf(typed);
    if (address) return address;
    context.addIssue({ code: "custom", message: "Enter an e-mail address, such as ana@acme.com." });
    return z.NEVER;
  });

/** One line of readable text. */
export function line(what: string, max = 120) {
  return z
    .string({ error: `Enter ${what}.` })
    .trim()
    .min(1, `Enter ${what}.`)
    .max(max, `Use at most ${max} characters.`)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, "Use one line of text without control characters.");
}

/** An optional field of a form: sent empty, it is absent. */
export function absentWhenEmpty<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (value) =>
      typeof value === "string" && value.trim() === "" ? undefined : (value ?? undefined),
    schema.optional(),
  );
}

/** A secret as typed; whether it is a good one depends on whose it is. */
export const typedPassword = z
  .string({ error: "Enter your password." })
  .min(1, "Enter your password.")
  .max(1000, "This password is too long.");

/** Refuses a password that `email`'s owner may not choose. */
export function requireGoodPassword(password: string, address: string, field = "password"): void {
  const problem = passwordProblem(password, address);
  if (problem) throw invalidField(field, problem);
}

export const role = z.enum(["owner", "billing", "member"], { error: "Choose a role." });
