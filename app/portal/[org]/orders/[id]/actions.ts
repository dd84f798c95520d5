"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { attemptForm } from "#app/_server/attempt.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { giveUpOrder } from "#lib/billing/ordering/commands.ts";
import { lookAfter } from "#lib/inbox/commands.ts";
import { askerOf } from "../../asker.ts";

/** Gives up an order that is not paid, and shows what became of it: it may have been paid meanwhile. */
export async function giveUp(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { actor, fields, base } = await askerOf(data);
    // Whatever is refused, the page below its reason shows things as they are now.
    revalidatePath("/portal/[org]", "layout");
    const { orderId = "", revision = "" } = fields;
    const { organizationId } = actor;
    const command = await giveUpOrder(actor, { organizationId, orderId, revision });
    const order = `${base}/orders/${orderId}`;
    if (!command) redirect(`${order}?over=1`);
    await lookAfter(command);
    redirect(`${order}?command=${command.id}`);
  });
}
