"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { removeAdministrator } from "#lib/identity/administrators/commands.ts";
import {
  inviteAdministrator,
  resendInvitation,
  revokeInvitation,
} from "#lib/identity/invitations/commands.ts";

const PAGE = "/admin/settings/administrators";

export async function invite(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    await inviteAdministrator(await requireAdministrator(), fieldsOf(data));
    revalidatePath(PAGE);
    return "Invitation sent.";
  });
}

export async function resend(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { invitationId } = fieldsOf(data);
    await resendInvitation(await requireAdministrator(), { organizationId: null, invitationId });
    revalidatePath(PAGE);
    return "A new invitation is on its way; the old link no longer works.";
  });
}

export async function revoke(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { invitationId } = fieldsOf(data);
    await revokeInvitation(await requireAdministrator(), { organizationId: null, invitationId });
    revalidatePath(PAGE);
    return "Invitation revoked.";
  });
}

export async function remove(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { userId = "" } = fieldsOf(data);
    await removeAdministrator(actor, { userId });
    if (userId === actor.userId) redirect("/sign-in");
    revalidatePath(PAGE);
    return "Administrator removed.";
  });
}
