import { db } from "#db/client.ts";
import { AppError } from "../../errors.ts";
import { ring, ringWaiting } from "../../rings/store.ts";
import { type Errand, organizationIdOf } from "../asking/kind.ts";
import { linkTo } from "../links-store.ts";
import { lockCustomer } from "../store.ts";
import type { CheckoutPlan } from "./plan.ts";

/** Makes the organization's customer, and writes down whose it is before anything is sold to it. */
export async function makeCustomer(
  errand: Errand,
  { organization }: Pick<CheckoutPlan, "organization">,
): Promise<string> {
  const { command, gateway } = errand;
  const organizationId = organizationIdOf(command);
  const ref = await gateway.commands.createCustomer({ organizationId, ...organization }, errand);
  await db().transaction(async (tx) => {
    const customer = await lockCustomer(tx, command, ref);
    if (customer.organizationId === organizationId) return;
    if (customer.organizationId || customer.unlinkedAt) {
      throw new AppError(
        "conflict",
        `The customer ${ref} at ${gateway.title} is not this organization’s. An administrator says whose it is.`,
      );
    }
    await linkTo(tx, customer.id, organizationId, "portal");
    await ringWaiting(tx, command, [ref]);
    const known = [{ type: "customer", ref }] as const;
    await ring(tx, command, known, { cause: "command", evenIfKnown: true });
  });
  return ref;
}
