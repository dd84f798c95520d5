"use server";

import { revalidatePath } from "next/cache";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { dismissConflict, linkCustomer, unlinkCustomer } from "#lib/billing/commands.ts";
import { AppError } from "#lib/errors.ts";

/** Says whose a customer is; what waited for it follows. */
export async function link(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { customerId = "", organizationId = "" } = fieldsOf(data);
    if (!organizationId) throw new AppError("invalid_input", "Choose the organization first.");
    await linkCustomer(actor, { customerId, organizationId });
    revalidatePath("/admin", "layout");
    return "Customer linked. What waited for it is being processed.";
  });
}

/** Takes a customer from its organization again. */
export async function unlink(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { customerId = "", reason = "" } = fieldsOf(data);
    await unlinkCustomer(actor, { customerId, reason });
    revalidatePath("/admin", "layout");
    return "Customer unlinked. The organization’s tier follows.";
  });
}

/** Puts a contradiction away. */
export async function dismiss(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { conflictId = "" } = fieldsOf(data);
    await dismissConflict(actor, { conflictId });
    revalidatePath("/admin/customers", "layout");
    return "Conflict dismissed. The link stays as it is.";
  });
}
