"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { requireMember } from "#app/_server/session.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { changeRole, removeMember } from "#lib/identity/commands.ts";
import {
  inviteMember,
  resendInvitation,
  revokeInvitation,
} from "#lib/identity/invitations/commands.ts";

/** The organization comes from the page's own form, and counts only if the person belongs to it. */
async function asMember(data: FormData) {
  const fields = fieldsOf(data);
  const actor = await requireMember(fields.organizationId ?? "");
  return { actor, input: { ...fields, organizationId: actor.organizationId } };
}

const PAGE = "/portal/[org]/members";

export async function invite(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { actor, input } = await asMember(data);
    await inviteMember(actor, input);
    revalidatePath(PAGE, "page");
    return "Invitation sent.";
  });
}

export async function resend(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { actor, input } = await asMember(data);
    await resendInvitation(actor, input);
    revalidatePath(PAGE, "page");
    return "A new invitation is on its way; the old link no longer works.";
  });
}

export async function revoke(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { actor, input } = await asMember(data);
    await revokeInvitation(actor, input);
    revalidatePath(PAGE, "page");
    return "Invitation revoked.";
  });
}

export async function saveRole(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { actor, input } = await asMember(data);
    await changeRole(actor, input);
    if (fieldsOf(data).userId === actor.userId) redirect("/sign-in");
    revalidatePath(PAGE, "page");
    return "Role changed. They sign in again with the new one.";
  });
}

export async function remove(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { actor, input } = await asMember(data);
    await removeMember(actor, input);
    if (fieldsOf(data).userId === actor.userId) redirect("/sign-in");
    revalidatePath(PAGE, "page");
    return "Member removed.";
  });
}
