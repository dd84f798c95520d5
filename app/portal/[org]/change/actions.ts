"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { changeAddress } from "#app/_billing/change-query.ts";
import { attemptForm } from "#app/_server/attempt.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { acceptQuote } from "#lib/billing/changing/commands.ts";
import { lookAfter } from "#lib/inbox/commands.ts";
import { askerOf } from "../asker.ts";

/** Makes the change that was quoted, and goes to the page that shows what is true then. */
export async function accept(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { actor, fields, base } = await askerOf(data);
    // Whatever is refused, the page below its reason shows things as they are now.
    revalidatePath("/portal/[org]/change", "page");
    const { organizationId } = actor;
    const accepted = await acceptQuote(actor, { organizationId, quoteId: fields.quoteId ?? "" });
    if (accepted.kind === "requoted") {
      const { quote, because } = accepted;
      const { priceRef: to, quantity: seats, timing } = quote;
      const subscription = fields.subscription || undefined;
      redirect(changeAddress(base, { subscription, to, seats, timing, because }));
    }
    await lookAfter(accepted.command);
    redirect(`${base}/billing?command=${accepted.command.id}`);
  });
}
