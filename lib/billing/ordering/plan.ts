import { z } from "zod";
import type { CommandRow } from "../asking/kind.ts";
import { payerPlan } from "../subscribing/plan.ts";

/** Everything that is sent to open a page on which an organization pays for a one-time product. */
export const orderPlan = payerPlan.extend({
  orderId: z.string(),
  items: z.array(z.object({ priceRef: z.string(), quantity: z.int().positive() })),
  currency: z.string(),
  takesPromotionCodes: z.boolean(),
  worksOutTax: z.boolean().default(false),
  /** Where the organization's orders are. */
  pagesUrl: z.string(),
  /** A page that was opened for another quantity or currency; it is closed first. */
  replaces: z.object({ commandId: z.string(), ref: z.string() }).nullable(),
});

export type OrderPlan = z.output<typeof orderPlan>;

/** The page that nobody is to pay on any more, for an order that is given up. */
export const giveUpPlan = z.object({
  orderId: z.string(),
  page: z.object({ commandId: z.string(), ref: z.string() }),
});

/** Whether a page sells just this. */
export function sellsTheSame(
  command: CommandRow,
  wish: Pick<OrderPlan, "items" | "worksOutTax">,
): boolean {
  const { data: plan } = orderPlan.safeParse(command.plan);
  const inWords = ({ items, worksOutTax }: typeof wish) => JSON.stringify([items, worksOutTax]);
  return plan !== undefined && inWords(plan) === inWords(wish);
}

/** The order that a command is about. */
export function orderOf(command: CommandRow): string {
  return orderPlan.parse(command.plan).orderId;
}
