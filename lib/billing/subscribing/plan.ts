import { z } from "zod";
import type { CommandRow } from "../asking/kind.ts";

/** Who pays on a page. */
export const payerPlan = z.object({
  /** Null: the organization has no customer at the gateway yet, so one is made. */
  customerRef: z.string().nullable(),
  /** With what it is made. */
  organization: z.object({ name: z.string(), email: z.string().nullable() }),
  /** The intention of the command that was to make it already: they make the same one. */
  customerKey: z.string().optional(),
});

export type PayerPlan = z.output<typeof payerPlan>;

/** Everything that is sent to open a page on which an organization subscribes. */
export const checkoutPlan = payerPlan.extend({
  items: z.array(z.object({ priceRef: z.string(), quantity: z.int().positive() })),
  trialDays: z.int().positive().nullable(),
  currency: z.string(),
  takesPromotionCodes: z.boolean(),
  worksOutTax: z.boolean().default(false),
  /** Where the command's own page is, without its id. */
  pagesUrl: z.string(),
  /** A page that was opened for another wish; it is closed first. */
  replaces: z.object({ commandId: z.string(), ref: z.string() }).nullable(),
  /** What was chosen, for the pages that lead there and back. */
  chosen: z.object({
    planId: z.string(),
    planName: z.string(),
    interval: z.enum(["month", "year"]),
    cost: z.string(),
  }),
});

export type CheckoutPlan = z.output<typeof checkoutPlan>;

/** Whether a page sells just this. */
export function sellsTheSame(
  command: CommandRow,
  wish: Pick<CheckoutPlan, "items" | "trialDays" | "worksOutTax">,
): boolean {
  const { data: plan } = checkoutPlan.safeParse(command.plan);
  const inWords = ({ items, trialDays, worksOutTax }: typeof wish) =>
    JSON.stringify([items, trialDays, worksOutTax]);
  return plan !== undefined && inWords(plan) === inWords(wish);
}
