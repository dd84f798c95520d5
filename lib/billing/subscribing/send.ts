import type { ObjectRef } from "../../gateways/gateway.ts";
import { kind, organizationIdOf, type Sent } from "../asking/kind.ts";
import { closeBefore } from "../asking/pages.ts";
import { makeCustomer } from "./customer.ts";
import { checkoutPlan } from "./plan.ts";

/** Opens the page on which an organization subscribes, after the one before it was closed. */
export const openCheckout = kind(checkoutPlan, async (errand, plan) => {
  const { command, gateway } = errand;
  const { replaces } = plan;
  if (replaces && (await closeBefore(errand, replaces)) === "paid") {
    return paidElsewhere(replaces.commandId, [{ type: "checkout", ref: replaces.ref }]);
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
      worksOutTax: plan.worksOutTax,
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
