"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { attemptForm } from "#app/_server/attempt.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import type { CommandRow } from "#lib/billing/asking/kind.ts";
import { dropPlannedChange, dropUnpaidChange } from "#lib/billing/changing/commands.ts";
import { lookAfter } from "#lib/inbox/commands.ts";
import { type Asked, askerOf } from "../asker.ts";

/** Gives a planned change up: everything stays as it is. */
export async function undo(_: FormState, data: FormData): Promise<FormState> {
  return asked(data, (about, actor) => dropPlannedChange(actor, about));
}

/** Gives up a change that waits for its payment. */
export async function giveUp(_: FormState, data: FormData): Promise<FormState> {
  return asked(data, (about, actor) => dropUnpaidChange(actor, about));
}

type About = { organizationId: string; subscriptionId: string; revision: string };

async function asked(
  data: FormData,
  command: (about: About, actor: Asked["actor"]) => Promise<CommandRow>,
): Promise<FormState> {
  return attemptForm(data, async () => {
    const { actor, fields, base } = await askerOf(data);
    // Whatever is refused, the page below its reason shows things as they are now.
    revalidatePath("/portal/[org]/billing", "page");
    const { organizationId } = actor;
    const { subscriptionId = "", revision = "" } = fields;
    const done = await command({ organizationId, subscriptionId, revision }, actor);
    await lookAfter(done);
    redirect(`${base}/billing?command=${done.id}`);
  });
}
