import { z } from "zod";
import { CANCEL_REASONS } from "../../gateways/asking.ts";
import type { ObjectRef } from "../../gateways/gateway.ts";
import { formatMoney } from "../../money.ts";
import { type Errand, kind, type Sent } from "../asking/kind.ts";
import { collected } from "../paying/send.ts";
import { cancelledElsewhere, cancelledInWords } from "./rules.ts";

const endingPlan = z.object({
  subscriptionRef: z.string(),
  customerRef: z.string().nullable(),
  scheduleRef: z.string().nullable(),
  unpaidInvoiceRef: z.string().nullable().default(null),
  planName: z.string(),
  /** What is given up with it, as a sentence; empty where nothing is. */
  givenUp: z.string(),
});

const cancelPlan = endingPlan.extend({
  /** What was chosen; none where an administrator cancels. */
  feedback: z.enum(CANCEL_REASONS).nullable().default(null),
  /** What was written. */
  reason: z.string().nullable(),
  isAtOnce: z.boolean(),
});

/** No renewal any more: it lasts until what is paid for ends. What is paused is over at once. */
export const cancel = kind(cancelPlan, async (errand, plan) => {
  const { commands } = errand.gateway;
  if (plan.isAtOnce) {
    await commands.cancelNow({ ...plan, comment: plan.reason, givesBack: false }, errand);
    return ended(plan, "The subscription has ended. Nothing more is charged.");
  }
  const { at } = await commands.cancelAtPeriodEnd({ ...plan, comment: plan.reason }, errand);
  const inWords = isOnBehalf(errand) ? cancelledElsewhere : cancelledInWords;
  return done(plan, inWords(plan.planName, at), { at: at?.toISOString() ?? null });
});

const cancelNowPlan = endingPlan.extend({ reason: z.string(), givesBack: z.boolean() });

/** Over at once; with `givesBack`, what was paid for and not used is credited. */
export const cancelNow = kind(cancelNowPlan, async (errand, plan) => {
  const asked = { ...plan, feedback: null, comment: plan.reason };
  await errand.gateway.commands.cancelNow(asked, errand);
  const rest = plan.givesBack ? " What was not used is credited." : "";
  return ended(plan, `The subscription has ended.${rest}`);
});

const keepPlan = endingPlan.pick({ subscriptionRef: true, customerRef: true, planName: true });

/** Takes a cancellation back. */
export const keep = kind(keepPlan, async (errand, plan) => {
  await errand.gateway.commands.keep(plan.subscriptionRef, errand);
  const kept = isOnBehalf(errand) ? `${plan.planName} is kept.` : `You keep ${plan.planName}.`;
  return done(plan, `${kept} It renews as before.`, {});
});

/** Nothing is charged, and the plan does not count, until it goes on. */
export const pause = kind(endingPlan, async (errand, plan) => {
  await errand.gateway.commands.pause(plan, errand);
  const paused = isOnBehalf(errand)
    ? `${plan.planName} is paused. Nothing is charged until it is resumed.`
    : "Your subscription is paused. Nothing is charged until you resume it.";
  return done(plan, paused, {});
});

/** Goes on after a pause, once the new period is paid. */
export const unpause = kind(keepPlan, async (errand, plan) => {
  const answer = await errand.gateway.commands.unpause(plan.subscriptionRef, errand);
  return collected(answer, [...touchedBy(plan), ...payerOf(plan)], {
    paid: ({ chargedMinor, currency }) =>
      chargedMinor > 0
        ? `${plan.planName} goes on, ${formatMoney({ amountMinor: chargedMinor, currency })} charged today`
        : `${plan.planName} goes on, nothing charged today`,
    unpaid: "The subscription stays paused.",
  });
});

/** An administrator reads of somebody else's plan. */
function isOnBehalf({ command }: Errand): boolean {
  return command.askedByKind === "administrator";
}

type About = {
  subscriptionRef: string;
  customerRef: string | null;
  unpaidInvoiceRef?: string | null;
  givenUp?: string;
};

function done(plan: About, sentence: string, answer: Sent["answer"]): Sent {
  const said = plan.givenUp ? `${sentence} ${plan.givenUp}` : sentence;
  return { status: "done", sentence: said, answer, touched: touchedBy(plan) };
}

/** With its end the customer may have another credit. */
function ended(plan: About, sentence: string): Sent {
  const sent = done(plan, sentence, {});
  return { ...sent, touched: [...sent.touched, ...payerOf(plan)] };
}

function touchedBy({ subscriptionRef, unpaidInvoiceRef }: About): ObjectRef[] {
  const bill: ObjectRef[] = unpaidInvoiceRef ? [{ type: "invoice", ref: unpaidInvoiceRef }] : [];
  return [{ type: "subscription", ref: subscriptionRef }, ...bill];
}

function payerOf({ customerRef: ref }: About): ObjectRef[] {
  return ref ? [{ type: "customer", ref }] : [];
}
