import { z } from "zod";
import { db } from "#db/client.ts";
import { AppError } from "../../errors.ts";
import type { PaidAnswer } from "../../gateways/asking.ts";
import type { ObjectRef } from "../../gateways/gateway.ts";
import { formatMoney } from "../../money.ts";
import { raiseAlert } from "../../notices/store.ts";
import { MINUTE, SECOND } from "../../time.ts";
import { type Errand, kind, type Sent } from "../asking/kind.ts";
import { touchedByPaying } from "../asking/touched.ts";
import { changedInWords, scheduledInWords } from "./rules.ts";

const wanted = z.object({ priceRef: z.string(), quantity: z.int().positive() });
const instant = z.iso.datetime().transform((text) => new Date(text));

const changePlan = z.object({
  subscriptionRef: z.string(),
  itemRef: z.string(),
  customerRef: z.string().nullable(),
  to: wanted,
  /** Unknown of what was asked before it was noted: then the price is named, as it was. */
  isSamePrice: z.boolean().default(false),
  timing: z.enum(["now", "renewal"]),
  proratedAt: instant.nullable(),
  scheduleRef: z.string().nullable(),
  /** Until when its quote holds. */
  until: instant.optional(),
  quoted: z.object({ dueMinor: z.int(), creditedMinor: z.int(), currency: z.string() }),
});

type ChangePlan = z.output<typeof changePlan>;

/** Another price or number of seats, now or when the period ends. */
export const change = kind(changePlan, async (errand, plan) => {
  if (plan.timing === "now") {
    const answer = await changedNow(errand, plan);
    await compareWithQuote(errand, plan, answer);
    return paid(answer, touchedBy(plan), changedInWords);
  }
  const asked = { ...plan, commandId: errand.command.id };
  const { scheduleRef, at } = await errand.gateway.commands.changeAtRenewal(asked, errand);
  const answer = { scheduleRef, at: at.toISOString() };
  const touched: ObjectRef[] = [{ type: "subscription", ref: plan.subscriptionRef }];
  return { status: "done", sentence: scheduledInWords(at), answer, touched };
});

/** For how long after its quote a change that was accepted in time is on its way. */
const SENT_WITHIN = MINUTE;
/** When nothing of what was sent until then can be under way to the gateway any more. */
const ARRIVED_WITHIN = 3 * MINUTE;

/**
 * Who accepted a quote agreed to what held then: after its end nothing is sent for it, whatever became of
 * what was sent before. That is looked for, and where it never arrived nothing is charged late.
 */
async function changedNow(errand: Errand, plan: ChangePlan): Promise<PaidAnswer> {
  const { command, gateway } = errand;
  const lateMs = Date.now() - (plan.until ?? command.askedAt).getTime();
  if (lateMs <= SENT_WITHIN) {
    return gateway.commands.changeNow({ ...plan, commandId: command.id }, errand);
  }
  const { answer, scheduleRef } = await gateway.commands.lookForChange(plan, errand);
  if (answer) return answer;
  if (lateMs < ARRIVED_WITHIN) {
    throw new AppError("gateway_unavailable", "What was sent may still arrive there.", {
      retryAfterSeconds: Math.ceil((ARRIVED_WITHIN - lateMs) / SECOND),
    });
  }
  const givenUp = plan.scheduleRef !== null && plan.scheduleRef !== scheduleRef;
  throw new AppError(
    "gateway_refused",
    `The payment company did not answer while the quote was valid, so the plan was not changed and nothing is charged.${
      givenUp ? " What was planned for later was given up before." : ""
    } Look at the new quote.`,
  );
}

/** The promise is to the cent; what breaks it is for people to mend. */
async function compareWithQuote(
  { command }: Errand,
  { quoted, subscriptionRef }: ChangePlan,
  answer: PaidAnswer,
): Promise<void> {
  if (answer.kind !== "paid") return;
  const { chargedMinor, creditedMinor, currency } = answer;
  if (chargedMinor === quoted.dueMinor && creditedMinor === quoted.creditedMinor) return;
  const said = (due: number, credited: number) =>
    `${formatMoney({ amountMinor: due, currency })} due and ${formatMoney({ amountMinor: credited, currency })} credited`;
  await raiseAlert(db(), {
    kind: "charged_otherwise",
    subject: command.id,
    message: `${subscriptionRef} was quoted ${said(quoted.dueMinor, quoted.creditedMinor)}, and then ${said(chargedMinor, creditedMinor)}.`,
    href: `/admin/organizations/${command.organizationId}`,
  });
}

const dropPlan = z.object({ subscriptionRef: z.string(), scheduleRef: z.string() });

/** Gives a planned change up. */
export const dropPlanned = kind(dropPlan, async (errand, { subscriptionRef, scheduleRef }) => {
  await errand.gateway.commands.dropPlannedChange(scheduleRef, errand);
  return done("The planned change was given up. Everything stays as it is.", [
    { type: "subscription", ref: subscriptionRef },
  ]);
});

const dropUnpaidPlan = z.object({ subscriptionRef: z.string(), invoiceRef: z.string() });

/** Gives a change up that waits for its payment. */
export const dropUnpaid = kind(dropUnpaidPlan, async (errand, { subscriptionRef, invoiceRef }) => {
  await errand.gateway.commands.dropUnpaidChange(invoiceRef, errand);
  return done("The change was given up. Your plan is as it was, and nothing is charged.", [
    { type: "subscription", ref: subscriptionRef },
    { type: "invoice", ref: invoiceRef },
  ]);
});

function done(sentence: string, touched: readonly ObjectRef[]): Sent {
  return { status: "done", sentence, answer: {}, touched };
}

function touchedBy(plan: { subscriptionRef: string; customerRef: string | null }): ObjectRef[] {
  const customer: ObjectRef[] = plan.customerRef
    ? [{ type: "customer", ref: plan.customerRef }]
    : [];
  return [{ type: "subscription", ref: plan.subscriptionRef }, ...customer];
}

/** What asking for a payment came to, as the outcome of a command. */
export function paid(
  answer: PaidAnswer,
  touched: readonly ObjectRef[],
  inWords: (paid: Extract<PaidAnswer, { kind: "paid" }>) => string,
): Sent {
  const all = touchedByPaying(answer, touched);
  if (answer.kind === "paid") {
    return { status: "done", sentence: inWords(answer), answer, touched: all };
  }
  return { status: "needs_person", sentence: personNeeded(answer), answer, touched: all };
}

function personNeeded({
  because,
  sentence,
}: Extract<PaidAnswer, { kind: "needs_person" }>): string {
  switch (because) {
    case "authentication":
      return "Your bank wants you to confirm the payment. Nothing changes before.";
    case "declined":
      return `${sentence ?? "The card was declined."} Your plan is unchanged.`;
    case "no_method":
      return "There is no card to charge. Add one; your plan is unchanged.";
    case "processing":
      return "The payment is on its way. The change takes effect when it arrives.";
  }
}
