import type { ObjectRef } from "../../gateways/gateway.ts";
import { pageOf } from "../asking/answer.ts";
import { type Afterwards, kind, organizationIdOf, type Sent } from "../asking/kind.ts";
import { closeBefore } from "../asking/pages.ts";
import { makeCustomer } from "../subscribing/customer.ts";
import { giveUpPlan, orderPlan } from "./plan.ts";
import { noteOpened } from "./store.ts";

/** Opens the page on which a one-time product is paid for, after the one before it was closed. */
export const openOrderPage = kind(orderPlan, async (errand, plan) => {
  const { command, gateway } = errand;
  const { replaces } = plan;
  const before: ObjectRef[] = replaces ? [{ type: "checkout", ref: replaces.ref }] : [];
  if (replaces && (await closeBefore(errand, replaces)) === "paid") {
    return paidElsewhere(replaces.commandId, before);
  }
  const customerRef = plan.customerRef ?? (await makeCustomer(errand, plan));
  const page = `${plan.pagesUrl}/${plan.orderId}`;
  const { ref, url } = await gateway.commands.startCheckout(
    {
      purpose: "payment",
      customerRef,
      organizationId: organizationIdOf(command),
      commandId: command.id,
      items: plan.items,
      trialDays: null,
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
    touched: [...before, { type: "checkout", ref }],
  };
});

/** Closes the page of an order that is given up; what its checkout says then cancels the order. */
export const giveUp = kind(giveUpPlan, async (errand, { page }) => {
  const isPaid = (await closeBefore(errand, page)) === "paid";
  return {
    status: isPaid ? "refused" : "done",
    sentence: isPaid
      ? "It was paid for on its page meanwhile, so it was not given up."
      : "The order is given up. Nothing was charged, and nobody can pay for it any more.",
    answer: {},
    touched: [{ type: "checkout", ref: page.ref }],
  };
});

/** The order knows its page from the moment when the command does; or that it has none. */
export const orderSettled: Afterwards = (tx, command, { status, answer }) =>
  noteOpened(
    tx,
    command,
    status === "needs_person" ? pageOf({ answer: { ...answer } })?.ref : undefined,
  );

function paidElsewhere(commandId: string, touched: readonly ObjectRef[]): Sent {
  return {
    status: "refused",
    sentence:
      "The order before was paid for in another window meanwhile, so no second one was begun. It is among your orders.",
    answer: { completed: commandId },
    touched,
  };
}
