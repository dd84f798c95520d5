import { z } from "zod";

/* What commands about what is sold send, frozen when they are asked. */

const charge = z.object({
  currency: z.string(),
  amountMinor: z.int().nonnegative(),
  interval: z.enum(["month", "year"]).nullable(),
  intervalCount: z.int().positive(),
});

export const publishPlan = z.object({
  /** The plan or the one-time product. */
  soldId: z.string(),
  code: z.string(),
  name: z.string(),
  description: z.string(),
  /** Null: there is no product at the gateway yet, so one is made. */
  productRef: z.string().nullable(),
  wakeProducts: z.array(z.string()),
  /** Prices that are there, off sale. */
  wake: z.array(z.string()),
  make: z.array(
    charge.extend({
      lookupKey: z.string(),
      /** The price of the same plan or product that has the lookup key until then. */
      takesFrom: z.string().nullable(),
    }),
  ),
});

export type PublishPlan = z.output<typeof publishPlan>;

export const withdrawPlan = z.object({
  soldId: z.string(),
  name: z.string(),
  /** With the products, whose default price it may have been. */
  prices: z.array(z.object({ ref: z.string(), productRef: z.string().nullable() })),
});

export const renamePlan = z.object({ productRef: z.string(), name: z.string() });
