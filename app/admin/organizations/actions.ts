"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { createOrganization } from "#lib/identity/commands.ts";
import { inviteMember } from "#lib/identity/invitations/commands.ts";

/** Makes an organization and goes to its page. */
export async function create(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const made = await createOrganization(await requireAdministrator(), fieldsOf(data));
    redirect(`/admin/organizations/${made.id}`);
  });
}

/** Invites somebody to an organization, as an administrator. */
export async function invite(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const typed = fieldsOf(data);
    await inviteMember(await requireAdministrator(), typed);
    revalidatePath("/admin/organizations", "layout");
    return `Invitation sent to ${typed.email}.`;
  });
}
