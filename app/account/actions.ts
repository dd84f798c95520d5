"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { closeBrowserSession, openBrowserSession } from "#app/_server/auth.ts";
import { requireUser } from "#app/_server/session.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { changeEmail, changePassword, rename } from "#lib/identity/account/commands.ts";
import { endMySession, signOutEverywhere } from "#lib/identity/people/commands.ts";

export async function saveName(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    await rename(await requireUser(), fieldsOf(data));
    revalidatePath("/account");
    return "Name saved.";
  });
}

export async function saveEmail(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    await changeEmail(await requireUser(), fieldsOf(data));
    revalidatePath("/account");
    return "E-mail address changed. Sign in with it from now on.";
  });
}

export async function savePassword(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { sessionId } = await changePassword(await requireUser(), fieldsOf(data));
    await openBrowserSession(sessionId);
    revalidatePath("/account");
    return "Password changed. Every other browser is signed out.";
  });
}

export async function endOne(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { sessionId = "" } = fieldsOf(data);
    await endMySession(await requireUser(), { sessionId });
    revalidatePath("/account");
    return "That browser is signed out.";
  });
}

export async function endAll(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    await signOutEverywhere(await requireUser());
    await closeBrowserSession();
    redirect("/sign-in?after=everywhere");
  });
}
