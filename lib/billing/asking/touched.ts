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

/** What a command is about, and whom: either may be gone at the gateway without our having heard of it. */
export function aboutOf({
  object,
  plan: { customerRef },
}: Pick<CommandRow, "object" | "plan">): ObjectRef[] {
  const about: ObjectRef[] = [];
  const [type, ref] = object.split(":", 2);
  const isKnown =
    type === "subscription" || type === "invoice" || type === "customer" || type === "payment";
  if (ref && isKnown) about.push({ type, ref });
  if (typeof customerRef === "string" && customerRef !== ref) {
    about.push({ type: "customer", ref: customerRef });
  }
  return about;
}

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
