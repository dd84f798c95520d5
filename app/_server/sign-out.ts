"use server";

import { redirect } from "next/navigation";
import { signOut } from "#lib/identity/people/commands.ts";
import { attempt } from "./attempt.ts";
import { closeBrowserSession } from "./auth.ts";
import { asUser, requireIdentity } from "./session.ts";

/** Ends this browser's session. */
export async function signOutHere(): Promise<void> {
  await attempt(async () => {
    const identity = await requireIdentity();
    await signOut(await asUser(identity), identity);
    await closeBrowserSession();
    redirect("/sign-in");
  });
}
