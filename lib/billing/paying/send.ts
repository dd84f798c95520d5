import { z } from "zod";
import type { PaidAnswer } from "../../gateways/asking.ts";
import type { ObjectRef } from "../../gateways/gateway.ts";
import { formatMoney } from "../../money.ts";
import { type Errand, kind, type Sent } from "../asking/kind.ts";
import { touchedByPaying } from "../asking/touched.ts";

const addPlan = z.object({
  customerRef: z.string(),
  currency: z.string(),
  successUrl: z.string(),
  cancelUrl: z.string(),
});

/** Opens the gateway's own page for another means of payment. */
export const addMethod = kind(addPlan, async (errand, plan) => {
  const asked = { ...plan, commandId: errand.command.id };
  const { url } = await errand.gateway.commands.methodPage(asked, errand);
  const sentence = "Enter the card on the payment company’s page.";
  return { status: "done", sentence, answer: { url }, touched: [] };
});

const defaultPlan = z.object({
  customerRef: z.string(),
  methodRef: z.string(),
  method: z.string(),
  /** Each subscription may have a means of payment of its own, which then changes too. */
  subscriptionRefs: z.array(z.string()),
});

/** Makes a means of payment the one that everything is paid with from now on. */
export const setDefaultMethod = kind(defaultPlan, async (errand, plan) => {
  const { customerRef, methodRef, subscriptionRefs } = plan;
  const { setDefaultMethod: set } = errand.gateway.commands;
  const [first = null, ...others] = subscriptionRefs;
  await set({ customerRef, methodRef, subscriptionRef: first }, errand);
  for (const subscriptionRef of others) {
    await set({ customerRef, methodRef, subscriptionRef }, apart(errand, subscriptionRef));
  }
  const paid = subscriptionRefs.map((ref): ObjectRef => ({ type: "subscription", ref }));
  return done(`${plan.method} pays for everything from now on.`, [
    { type: "customer", ref: customerRef },
    ...paid,
  ]);
});

/** The same steps, for another object, have other keys. */
function apart(errand: Errand, ref: string): Errand {
  return { ...errand, key: (step) => errand.key(`${ref}:${step}`) };
}

const removePlan = z.object({
  customerRef: z.string(),
  methodRef: z.string(),
  method: z.string(),
});

/** Forgets a means of payment. */
export const removeMethod = kind(removePlan, async (errand, plan) => {
  await errand.gateway.commands.removeMethod(plan.methodRef, errand);
  return done(`${plan.method} was removed.`, [{ type: "customer", ref: plan.customerRef }]);
});

const payPlan = z.object({
  invoiceRef: z.string(),
  methodRef: z.string().nullable(),
  customerRef: z.string().nullable(),
  subscriptionRef: z.string().nullable(),
});

/** Tries to collect an invoice now. */
export const payInvoice = kind(payPlan, async (errand, plan) => {
  const answer = await errand.gateway.commands.payInvoice(plan, errand);
  const { invoiceRef, subscriptionRef: subscription, customerRef: customer } = plan;
  const touched: ObjectRef[] = [
    { type: "invoice", ref: invoiceRef },
    ...(subscription ? [{ type: "subscription", ref: subscription } as const] : []),
    ...(customer ? [{ type: "customer", ref: customer } as const] : []),
  ];
  return collected(answer, touched, {
    paid: ({ chargedMinor, currency }) =>
      chargedMinor > 0
        ? `Paid, ${formatMoney({ amountMinor: chargedMinor, currency })} charged today`
        : "Paid, nothing charged today",
    unpaid: "The invoice is still open.",
  });
});

const taxId = z.object({ type: z.string(), value: z.string() });

const detailsPlan = z.object({
  customerRef: z.string(),
  details: z.object({
    name: z.string().nullable(),
    email: z.string().nullable(),
    address: z
      .object({
        line1: z.string().nullable(),
        line2: z.string().nullable(),
        postalCode: z.string().nullable(),
        city: z.string().nullable(),
        state: z.string().nullable(),
        country: z.string().nullable(),
      })
      .nullable(),
  }),
  addedTaxIds: z.array(taxId).default([]),
  removedTaxIds: z.array(taxId).default([]),
});

/** Tells the gateway where the customer is billed, and under which tax ids. */
export const setDetails = kind(detailsPlan, async (errand, plan) => {
  await errand.gateway.commands.setBillingDetails(plan, errand);
  return done("Billing details saved. Later invoices carry them.", [
    { type: "customer", ref: plan.customerRef },
  ]);
});

function done(sentence: string, touched: readonly ObjectRef[]): Sent {
  return { status: "done", sentence, answer: {}, touched };
}

type Paid = Extract<PaidAnswer, { kind: "paid" }>;
type Unpaid = Extract<PaidAnswer, { kind: "needs_person" }>;

/** What asking for a payment came to, in words that say what stays as it was where nothing was paid. */
export function collected(
  answer: PaidAnswer,
  touched: readonly ObjectRef[],
  words: { paid(answer: Paid): string; unpaid: string },
): Sent {
  const all = touchedByPaying(answer, touched);
  if (answer.kind === "paid") {
    return { status: "done", sentence: words.paid(answer), answer, touched: all };
  }
  const sentence = `${whatIsMissing(answer)} ${words.unpaid}`;
  return { status: "needs_person", sentence, answer, touched: all };
}

function whatIsMissing({ because, sentence }: Unpaid): string {
  switch (because) {
    case "authentication":
      return "Your bank wants you to confirm the payment.";
    case "declined":
      return sentence ?? "The card was declined.";
    case "no_method":
      return "There is no card to charge. Add one.";
    case "processing":
      return "The payment is on its way.";
  }
}
