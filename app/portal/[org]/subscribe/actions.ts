"use server";

import { revalidatePath } from "next/cache";
import { attemptForm } from "#app/_server/attempt.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { pageOf } from "#lib/billing/asking/answer.ts";
import { startSubscription } from "#lib/billing/subscribing/commands.ts";
import { askerOf } from "../asker.ts";
import { leave } from "../checkout/leave.ts";

/** Goes to the gateway's page to pay on, or to what became of it where there is nothing to pay. */
export async function subscribe(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { actor, fields, base } = await askerOf(data);
    // Whatever is refused, the page below its reason shows things as they are now.
    revalidatePath("/portal/[org]/subscribe", "page");
    const { planId = "", currency = "", interval, quantity = "1", revision = "" } = fields;
    const command = await startSubscription(actor, {
      organizationId: actor.organizationId,
      planId,
      currency,
      interval: interval === "year" ? "year" : "month",
      quantity,
      revision,
    });
    const isOpen = command.status === "needs_person";
    return leave(isOpen ? pageOf(command)?.url : undefined, `${base}/checkout/${command.id}`);
  });
}
