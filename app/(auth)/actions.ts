"use server";

import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { openBrowserSession } from "#app/_server/auth.ts";
import { originOf } from "#app/_server/origin.ts";
import { asUser, currentPerson, currentUser } from "#app/_server/session.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { makeFirstAdministrator } from "#lib/identity/administrators/commands.ts";
import { acceptInvitation } from "#lib/identity/invitations/commands.ts";
import { signIn } from "#lib/identity/people/commands.ts";
import { identityOf } from "#lib/identity/people/views.ts";
import { enterPortal } from "#lib/identity/portal-links/commands.ts";
import { requestPasswordReset, resetPassword } from "#lib/identity/resets/commands.ts";
import { localPath } from "#lib/identity/rules.ts";

export async function signInHere(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { from, ...typed } = fieldsOf(data);
    const { sessionId } = await signIn(originOf(await headers()), typed);
    await openBrowserSession(sessionId);
    const identity = await identityOf(sessionId);
    redirect(localPath(from) ?? (identity?.isAdministrator ? "/admin" : "/portal"));
  });
}

export async function setUp(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const origin = originOf(await headers());
    const { sessionId } = await makeFirstAdministrator(origin, fieldsOf(data));
    await openBrowserSession(sessionId);
    redirect("/admin");
  });
}

export async function askForReset(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    await requestPasswordReset(originOf(await headers()), fieldsOf(data));
    redirect("/forgot-password?sent=1");
  });
}

export async function chooseNewPassword(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    await resetPassword(originOf(await headers()), fieldsOf(data));
    redirect("/sign-in?after=reset");
  });
}

export async function accept(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { token = "", name, password } = fieldsOf(data);
    const person = await currentPerson();
    const signedIn = person && (await asUser(person));
    const origin = originOf(await headers());
    const accepted = await acceptInvitation(origin, signedIn, { token, name, password });
    if (accepted.sessionId) await openBrowserSession(accepted.sessionId);
    redirect(accepted.organizationSlug ? `/portal/${accepted.organizationSlug}` : "/admin");
  });
}

export async function enter(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { token } = fieldsOf(data);
    const origin = originOf(await headers());
    const entered = await enterPortal(origin, await currentUser(), { token });
    if (entered.sessionId) await openBrowserSession(entered.sessionId);
    redirect(entered.path);
  });
}
