import { z } from "zod";
import type { PaidAnswer } from "../../gateways/asking.ts";
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

/** What a command is about, where that is mirrored. */
export function objectOf({ object }: Pick<CommandRow, "object">): ObjectRef[] {
  const [type, ref] = object.split(":", 2);
  const isMirrored =
    type === "subscription" || type === "invoice" || type === "customer" || type === "payment";
  return ref && isMirrored ? [{ type, ref }] : [];
}

/** What a command is about, and whom: either may be gone at the gateway without our having heard of it. */
export function aboutOf({ object, plan: { customerRef } }: Pick<CommandRow, "object" | "plan">) {
  const about = objectOf({ object });
  const isAnother =
    typeof customerRef === "string" && !about.some(({ ref }) => ref === customerRef);
  return isAnother ? [...about, { type: "customer" as const, ref: customerRef }] : about;
}

/** What asking for a payment changed, with its invoice. A customer is left out whose credit is what it was. */
export function touchedByPaying(answer: PaidAnswer, touched: readonly ObjectRef[]): ObjectRef[] {
  const isSame = answer.kind === "paid" && !answer.movesCredit;
  const seen = touched.filter(({ type }) => !(isSame && type === "customer"));
  const { invoiceRef: ref } = answer;
  const isNew = ref !== null && !seen.some((each) => each.ref === ref);
  return isNew ? [...seen, { type: "invoice", ref }] : seen;
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
