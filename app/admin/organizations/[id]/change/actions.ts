"use server";

import { redirect } from "next/navigation";
import { changeAddress } from "#app/_billing/change-query.ts";
import { attemptForm } from "#app/_server/attempt.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import {
  acceptQuote,
  dropPlannedChange,
  dropUnpaidChange,
} from "#lib/billing/changing/commands.ts";
import { lookAfter } from "#lib/inbox/commands.ts";
import { askerOf, subjectIn, told } from "../asker.ts";

/** Makes the change that was quoted, or shows what it costs now. */
export async function accept(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { actor, organizationId, fields, reason, base } = await askerOf(data);
    const { quoteId = "" } = fields;
    const accepted = await acceptQuote(actor, { organizationId, quoteId, reason });
    if (accepted.kind === "requoted") {
      const { quote, because } = accepted;
      const { priceRef: to, quantity: seats, timing } = quote;
      const subscription = fields.subscription || undefined;
      redirect(changeAddress(base, { subscription, to, seats, timing, because }));
    }
    await lookAfter(accepted.command);
    redirect(`${base}?command=${accepted.command.id}`);
  });
}

/** Gives a planned change up. */
export async function undo(_: FormState, data: FormData): Promise<FormState> {
  return told(data, (asked) => dropPlannedChange(asked.actor, subjectIn(asked)));
}

/** Gives up a change that waits for its payment. */
export async function giveUp(_: FormState, data: FormData): Promise<FormState> {
  return told(data, (asked) => dropUnpaidChange(asked.actor, subjectIn(asked)));
}
