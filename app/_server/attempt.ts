import { headers } from "next/headers";
import { unstable_rethrow } from "next/navigation";
import { done, type FormState, refused } from "#app/_ui/form-state.ts";
import { config } from "#lib/config.ts";
import { AppError } from "#lib/errors.ts";
import { newToken } from "#lib/ids.ts";
import { log } from "#lib/log.ts";
import { isOwnOrigin } from "./origin.ts";

export type Attempt<Value> =
  | { readonly ok: true; readonly value: Value }
  | {
      readonly ok: false;
      readonly message: string;
      readonly fields: Readonly<Record<string, string>>;
      /** Finds the log line of what is not the person's fault. */
      readonly reference: string | undefined;
      /** The mark of what somebody else saved meanwhile, where that is why. */
      readonly seen?: string | undefined;
    };

/** Where server actions meet failures: a refusal becomes its sentence, a bug a reference to the log. */
export async function attempt<Value>(fn: () => Promise<Value>): Promise<Attempt<Value>> {
  try {
    // Next lets a request without any Origin through; we do not.
    if (!isOwnOrigin(await headers(), config())) {
      throw new AppError("not_allowed", "This form was not sent from a page of this site.");
    }
    return { ok: true, value: await fn() };
  } catch (error) {
    unstable_rethrow(error);
    return answerTo(error);
  }
}

/**
 * A server action for `<Form>`: what was typed comes back with a refusal, except secrets. The sentence
 * that `fn` returns, if any, is what the person reads when it is done.
 */
export async function attemptForm(
  data: FormData,
  fn: () => Promise<string | undefined>,
): Promise<FormState> {
  const attempted = await attempt(async () => {
    // No browser sends a NUL, and PostgreSQL's text holds none.
    if (Object.values(fieldsOf(data)).some((value) => value.includes("\u0000"))) {
      throw new AppError("invalid_input", "Use text without control characters.");
    }
    return fn();
  });
  if (attempted.ok) return done(attempted.value);
  const { message, fields, reference, seen } = attempted;
  return refused(message, { fields, values: withoutSecrets(fieldsOf(data)), reference, seen });
}

/** The text that a form holds. Files and Next's own fields are left out. */
export function fieldsOf(data: FormData): Record<string, string> {
  const fields: Record<string, string> = {};
  // Whoever calls an action by hand may send anything in a form's place.
  if (!(data instanceof FormData)) return fields;
  for (const [name, value] of data) {
    if (typeof value === "string" && !name.startsWith("$ACTION")) fields[name] = value;
  }
  return fields;
}

/** Names of fields that are never sent back to a browser. */
const SECRET = /^current$|password|secret|token|api_?key/i;

function withoutSecrets(fields: Record<string, string>): Record<string, string> {
  const kept = Object.entries(fields).filter(([name]) => !SECRET.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, value.slice(0, 5000)]));
}

function answerTo(error: unknown): Attempt<never> {
  if (error instanceof AppError) {
    const { message, fields, seen } = error;
    return { ok: false, message, fields, reference: undefined, seen };
  }
  const reference = newToken().slice(0, 10);
  log().error({ err: error, reference }, "an action failed");
  const message =
    "Something went wrong on our side. Look whether it was done before you try again.";
  return { ok: false, message, fields: {}, reference };
}
