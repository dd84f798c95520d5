import { z } from "zod";
import type { Mode, ObjectRef } from "../../gateways/gateway.ts";
import type { CommandRow } from "./kind.ts";

const kept = z.object({
  touched: z.array(
    z.object({
      type: z.enum([
        "customer",
        "subscription",
        "invoice",
        "payment",
        "dispute",
        "checkout",
        "price",
        "product",
      ]),
      ref: z.string(),
    }),
  ),
});

/** What a settled command changed at its gateway, for a screen that waits until it is seen here. */
export function touchedBy(command: CommandRow): {
  readonly gateway: string;
  readonly mode: Mode;
  readonly refs: ObjectRef[];
} {
  const { gateway, mode, answer } = command;
  const known = kept.safeParse(answer);
  return { gateway, mode, refs: known.success ? known.data.touched : [] };
}
