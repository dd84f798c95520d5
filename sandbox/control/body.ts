import type { Context } from "hono";
import type { z } from "zod";
import { invalid, StripeError } from "../protocol/errors.ts";

/** A body of the control API, or a refusal that names its first fault. An empty one is `{}`. */
export async function bodyOf<Schema extends z.ZodType>(
  { req }: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await req.text();
  const read = schema.safeParse(text === "" ? {} : parsed(text));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw invalid(issue?.message ?? "Invalid body.", { param: issue?.path.join(".") ?? "" });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("The body is not JSON.");
  }
}

/** A refusal of the control API, in the envelope of Stripe's. */
export function asError(error: Error): Response {
  const refusal = error instanceof StripeError ? error : undefined;
  if (!refusal) console.error(error);
  const body = refusal?.body ?? { type: "api_error", message: error.message };
  return Response.json({ error: body }, { status: refusal?.status ?? 500 });
}
