import { z } from "zod";

/** What the address of the page says: what somebody would like to buy. */
export type Query = {
  /** A plan's id or its code. */
  readonly plan?: string | undefined;
  readonly interval?: "month" | "year" | undefined;
  readonly currency?: string | undefined;
  readonly seats?: number | undefined;
};

const schema = z.object({
  plan: z.string().min(1).max(64).optional().catch(undefined),
  interval: z.enum(["month", "year"]).optional().catch(undefined),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional()
    .catch(undefined),
  seats: z.coerce.number().int().min(1).max(100_000).optional().catch(undefined),
});

/** What cannot be meant is left out: an address is never a reason to fail. */
export function readQuery(query: Record<string, string | string[] | undefined>): Query {
  return schema.parse(query);
}

/** An address with a choice in it. */
export function withChoice(path: string, query: Query): string {
  const said = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(said.map(([name, value]) => [name, String(value)]));
  return search.size > 0 ? `${path}?${search}` : path;
}
