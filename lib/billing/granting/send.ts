import { z } from "zod";
import type { ObjectRef } from "../../gateways/gateway.ts";
import { formatMoney } from "../../money.ts";
import { dayInWords } from "../../time.ts";
import { kind } from "../asking/kind.ts";

const trialPlan = z.object({
  subscriptionRef: z.string(),
  customerRef: z.string().nullable(),
  planName: z.string(),
  until: z.iso.datetime().transform((text) => new Date(text)),
});

/** A trial that ends later. */
export const extendTrial = kind(trialPlan, async (errand, plan) => {
  await errand.gateway.commands.extendTrial(plan, errand);
  return {
    status: "done",
    sentence: `The trial of ${plan.planName} lasts until ${dayInWords(plan.until)}.`,
    answer: {},
    touched: [
      { type: "subscription", ref: plan.subscriptionRef },
      ...named("customer", plan.customerRef),
    ],
  };
});

const amount = z.object({ amountMinor: z.int().positive(), currency: z.string() });

const creditPlan = amount.extend({ customerRef: z.string(), reason: z.string() });

/** An amount that later invoices take first. */
export const credit = kind(creditPlan, async (errand, plan) => {
  await errand.gateway.commands.credit(plan, errand);
  return {
    status: "done",
    sentence: `${formatMoney(plan)} credited. Later invoices take it first.`,
    answer: {},
    touched: [{ type: "customer", ref: plan.customerRef }],
  };
});

const refundPlan = amount.extend({
  paymentRef: z.string(),
  invoiceRef: z.string().nullable(),
  customerRef: z.string().nullable(),
  reason: z.string(),
});

/** Money back by the way that it came. */
export const refund = kind(refundPlan, async (errand, plan) => {
  const asked = { ...plan, commandId: errand.command.id };
  const { ref } = await errand.gateway.commands.refund(asked, errand);
  return {
    status: "done",
    sentence: `${formatMoney(plan)} refunded. It may take the bank ten days to show it.`,
    answer: { ref },
    touched: [
      { type: "payment", ref: plan.paymentRef },
      ...named("invoice", plan.invoiceRef),
      ...named("customer", plan.customerRef),
    ],
  };
});

function named(type: ObjectRef["type"], ref: string | null): ObjectRef[] {
  return ref ? [{ type, ref }] : [];
}
