"use server";

import { redirect } from "next/navigation";
import { signOut } from "#lib/identity/people/commands.ts";
import { attempt } from "./attempt.ts";
import { closeBrowserSession } from "./auth.ts";
import { requireIdentity, requireUser } from "./session.ts";

/** Ends this browser's session. */
export async function signOutHere(): Promise<void> {
  await attempt(async () => {
    const actor = await requireUser();
    await signOut(actor, await requireIdentity());
    await closeBrowserSession();
    redirect("/sign-in");
  });
}
