import type { Context } from "hono";
import type { Box } from "../box.ts";

/** A form as it was sent: names and texts. */
export type Sent = Readonly<Record<string, string>>;
/** What is wrong with which field. */
export type Faults = Readonly<Record<string, string>>;

export async function sentBy(context: Context): Promise<Sent> {
  const body = await context.req.parseBody();
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value]] : [],
    ),
  );
}

/** Does what a person asked for on a page, after all that time has done; as one call of the API would. */
export function act<T>({ world, tick }: Box, work: () => T): T {
  tick();
  const cause = { id: world.newId("req", 14), idempotency_key: null };
  return world.act(cause, work);
}

/** Whether a text could be an e-mail address; the sandbox never sends anything to it. */
export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
}
