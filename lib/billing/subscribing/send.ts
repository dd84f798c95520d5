import { db } from "#db/client.ts";
import { AppError } from "../../errors.ts";
import type { ObjectRef } from "../../gateways/gateway.ts";
import { ring, ringWaiting } from "../../rings/store.ts";
import { type Errand, kind, organizationIdOf, type Sent } from "../asking/kind.ts";
import { linkTo } from "../links-store.ts";
import { lockCustomer } from "../store.ts";
import { type CheckoutPlan, checkoutPlan } from "./plan.ts";
import { closePage } from "./store.ts";

/** Opens the page on which an organization subscribes, after the one before it was closed. */
export const openCheckout = kind(checkoutPlan, async (errand, plan) => {
  const { command, gateway } = errand;
  if (plan.replaces) {
    const touched: ObjectRef[] = [{ type: "checkout", ref: plan.replaces.ref }];
    const end = await gateway.commands.expireCheckout(plan.replaces.ref, errand);
    await closePage(db(), plan.replaces.commandId, end === "completed" ? "complete" : "expired");
    if (end === "completed") return paidElsewhere(plan.replaces.commandId, touched);
  }
  const customerRef = plan.customerRef ?? (await makeCustomer(errand, plan));
  const page = `${plan.pagesUrl}/${command.id}`;
  const { ref, url } = await gateway.commands.startCheckout(
    {
      purpose: "subscription",
      customerRef,
      organizationId: organizationIdOf(command),
      commandId: command.id,
      items: plan.items,
      trialDays: plan.trialDays,
      takesPromotionCodes: plan.takesPromotionCodes,
      currency: plan.currency,
      expiresAt: null,
      successUrl: page,
      cancelUrl: `${page}?left=1`,
    },
    errand,
  );
  return {
    status: "needs_person",
    sentence: "The payment page is open. Nothing is charged before you confirm it there.",
    answer: { ref, url },
    touched: [{ type: "checkout", ref }],
  };
});

function paidElsewhere(commandId: string, touched: readonly ObjectRef[]): Sent {
  return {
    status: "refused",
    sentence:
      "You subscribed in another window meanwhile, so no second subscription was begun. Change that one instead.",
    answer: { completed: commandId },
    touched,
  };
}

/** Makes the organization's customer, and writes down whose it is before anything is sold to it. */
async function makeCustomer(errand: Errand, { organization }: CheckoutPlan): Promise<string> {
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
