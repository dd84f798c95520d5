"use server";

import { revalidatePath } from "next/cache";
import { attemptForm } from "#app/_server/attempt.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { pageOf } from "#lib/billing/asking/answer.ts";
import { orderProduct } from "#lib/billing/ordering/commands.ts";
import { askerOf } from "../asker.ts";
import { leave } from "../checkout/leave.ts";

/** Goes to the gateway's page to pay on, or to the order itself where there is nothing to pay. */
export async function buy(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { actor, fields, base } = await askerOf(data);
    // Whatever is refused, the page below its reason shows things as they are now.
    revalidatePath("/portal/[org]/shop", "page");
    const { productId = "", currency = "", quantity = "1", revision = "" } = fields;
    const { organizationId } = actor;
    const wanted = { organizationId, productId, currency, quantity, revision };
    const { orderId, command } = await orderProduct(actor, wanted);
    const isOpen = command.status === "needs_person";
    return leave(isOpen ? pageOf(command)?.url : undefined, `${base}/orders/${orderId}`);
  });
}
