import { z } from "zod";
import { refusedField } from "#lib/input.ts";
import { emailOf, passwordProblem } from "./rules.ts";

export const email = z
  .string({ error: "Enter an e-mail address." })
  .max(1000, "Enter an e-mail address.")
  .transform((typed, context) => {
    const address = emailOf(typed);
    if (address) return address;
    context.addIssue({ code: "custom", message: "Enter an e-mail address, such as ana@acme.com." });
    return z.NEVER;
  });

/** A secret as typed; whether it is a good one depends on whose it is. */
export const typedPassword = z
  .string({ error: "Enter your password." })
  .min(1, "Enter your password.")
  .max(1000, "This password is too long.");

/** Refuses a password that `email`'s owner may not choose. */
export function requireGoodPassword(password: string, address: string, field = "password"): void {
  const problem = passwordProblem(password, address);
  if (problem) throw refusedField(field, problem);
}

export const role = z.enum(["owner", "billing", "member"], { error: "Choose a role." });
