import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { emailOf, passwordProblem } from "./rules.ts";

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

/** One of our ids. What does not look like one is nobody's. */
export const id = z
  .string({ error: "An id is missing." })
  .regex(/^[a-z]{3}_[0-9a-z_]{1,60}$/, "This is not an id.");
