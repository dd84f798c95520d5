import { z } from "zod";
import { db } from "#db/client.ts";
import type { PaidAnswer } from "../../gateways/asking.ts";
import type { ObjectRef } from "../../gateways/gateway.ts";
import { formatMoney } from "../../money.ts";
import { raiseAlert } from "../../notices/store.ts";
import { type Errand, kind, type Sent } from "../asking/kind.ts";
import { changedInWords, scheduledInWords } from "./rules.ts";

const wanted = z.object({ priceRef: z.string(), quantity: z.int().positive() });
const instant = z.iso.datetime().transform((text) => new Date(text));

const changePlan = z.object({
  subscriptionRef: z.string(),
  itemRef: z.string(),
  customerRef: z.string().nullable(),
  to: wanted,
  timing: z.enum(["now", "renewal"]),
  proratedAt: instant.nullable(),
  scheduleRef: z.string().nullable(),
  quoted: z.object({ dueMinor: z.int(), creditedMinor: z.int(), currency: z.string() }),
});

/** Another price or number of seats, now or when the period ends. */
export const change = kind(changePlan, async (errand, plan) => {
  const { commands } = errand.gateway;
  const asked = { ...plan, commandId: errand.command.id };
  if (plan.timing === "now") {
    const answer = await commands.changeNow(asked, errand);
    await compareWithQuote(errand, plan, answer);
    return paid(answer, touchedBy(plan), changedInWords);
  }
  const { scheduleRef, at } = await commands.changeAtRenewal(asked, errand);
  const answer = { scheduleRef, at: at.toISOString() };
  return { status: "done", sentence: scheduledInWords(at), answer, touched: touchedBy(plan) };
});

/** The promise is to the cent; what breaks it is for people to mend. */
async function compareWithQuote(
  { command }: Errand,
  { quoted, subscriptionRef }: z.output<typeof changePlan>,
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
  const invoice: ObjectRef[] = answer.invoiceRef
    ? [{ type: "invoice", ref: answer.invoiceRef }]
    : [];
  const all = [...touched, ...invoice];
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
