import { z } from "zod";
import { SEATS_MAX } from "#lib/billing/changing/rules.ts";

/** What the address of the page says: what is chosen, and why it is shown again. */
export type Query = {
  /** Which subscription, where there are several. */
  readonly subscription?: string | undefined;
  readonly interval?: "month" | "year" | undefined;
  readonly seats?: number | undefined;
  /** The price to change to: then the page quotes. */
  readonly to?: string | undefined;
  readonly timing?: "now" | "renewal" | undefined;
  readonly because?: keyof typeof BECAUSE | undefined;
};

/** Why what was accepted was not done. */
export const BECAUSE = {
  too_old:
    "The quote was older than a quarter of an hour, so nothing was done. This is what it costs now.",
  costs_otherwise:
    "What the change costs is not what you were shown any more, so nothing was done. This is what it costs now.",
} as const;

const text = z.string().min(1).max(255).optional().catch(undefined);

const schema = z.object({
  subscription: text,
  interval: z.enum(["month", "year"]).optional().catch(undefined),
  seats: z.coerce.number().int().min(1).max(SEATS_MAX).optional().catch(undefined),
  to: text,
  timing: z.enum(["now", "renewal"]).optional().catch(undefined),
  because: z.enum(["too_old", "costs_otherwise"]).optional().catch(undefined),
});

/** What cannot be meant is left out: an address is never a reason to fail. */
export function readQuery(query: Record<string, string | string[] | undefined>): Query {
  return schema.parse(query);
}

/** The page's address with something chosen. */
export function changeAddress(base: string, query: Query): string {
  const said = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(said.map(([name, value]) => [name, String(value)]));
  return search.size > 0 ? `${base}/change?${search}` : `${base}/change`;
}
