"use server";

import { revalidatePath } from "next/cache";
import { attempt, attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { done, type FormState, refused } from "#app/_ui/form-state.ts";
import { createApiKey, revokeApiKey } from "#lib/identity/api-keys/commands.ts";

/** Answers with the new key, for this one answer only. */
export async function create(data: FormData): Promise<{ state: FormState; key?: string }> {
  const made = await attempt(async () => {
    const actor = await requireAdministrator();
    const { label } = fieldsOf(data);
    return createApiKey(actor, { label });
  });
  if (!made.ok) {
    const { message, fields, reference } = made;
    return { state: refused(message, { fields, reference }) };
  }
  revalidatePath("/admin/settings/api-keys");
  return { state: done(), key: made.value.key };
}

export async function revoke(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    await revokeApiKey(await requireAdministrator(), fieldsOf(data));
    revalidatePath("/admin/settings/api-keys");
    return "Key revoked. Requests with it are refused from now on.";
  });
}
