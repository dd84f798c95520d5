import type { Context } from "hono";
import { catchUp } from "../clock/advance.ts";
import { dueSources } from "../due-sources.ts";
import type { World } from "../state/world.ts";

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
export function act<T>(world: World, work: () => T): T {
  catchUp(world, dueSources);
  const cause = { id: world.newId("req", 14), idempotency_key: null };
  return world.act(cause, work);
}

/** Whether a text could be an e-mail address; the sandbox never sends anything to it. */
export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
}
