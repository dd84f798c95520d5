import { db } from "#db/client.ts";
import { AppError } from "../../errors.ts";
import { ring, ringWaiting } from "../../rings/store.ts";
import { keyOf } from "../asking/intention.ts";
import { type Errand, organizationIdOf } from "../asking/kind.ts";
import { linkTo } from "../links-store.ts";
import { lockCustomer } from "../store.ts";
import type { PayerPlan } from "./plan.ts";

/**
 * Makes the organization's customer, and writes down whose it is before anything is sold to it. Two commands
 * that were asked at once make the same one.
 */
export async function makeCustomer(
  errand: Errand,
  { organization, customerKey = errand.command.intention }: PayerPlan,
): Promise<string> {
  const { command, gateway } = errand;
  const organizationId = organizationIdOf(command);
  const key = (step: string) => keyOf(customerKey, step);
  const asked = { organizationId, ...organization };
  const ref = await gateway.commands.createCustomer(asked, { ...errand, key });
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
