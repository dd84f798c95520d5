"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { outcomeOf } from "#app/_server/asked.ts";
import { attemptForm } from "#app/_server/attempt.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import type { CommandRow } from "#lib/billing/asking/kind.ts";
import {
  cancelSubscription,
  keepSubscription,
  pauseSubscription,
  resumeSubscription,
} from "#lib/billing/ending/commands.ts";
import { type Asked, askerOf } from "../asker.ts";

/** Ends the subscription with its period. */
export async function cancel(_: FormState, data: FormData): Promise<FormState> {
  return told(data, (asked) => {
    const { reason, comment = "" } = asked.fields;
    return cancelSubscription(asked.actor, { ...subjectIn(asked), reason, comment });
  });
}

/** Takes a cancellation back. */
export async function keep(_: FormState, data: FormData): Promise<FormState> {
  return told(data, (asked) => keepSubscription(asked.actor, subjectIn(asked)));
}

export async function pause(_: FormState, data: FormData): Promise<FormState> {
  return told(data, (asked) => pauseSubscription(asked.actor, subjectIn(asked)));
}

export async function resume(_: FormState, data: FormData): Promise<FormState> {
  return told(data, (asked) => resumeSubscription(asked.actor, subjectIn(asked)));
}

/** Goes to the page of the plan, which says what became of it; a refusal stays beside its button. */
function told(data: FormData, ask: (asked: Asked) => Promise<CommandRow>): Promise<FormState> {
  return attemptForm(data, async () => {
    const asked = await askerOf(data);
    revalidatePath("/portal/[org]", "layout");
    const command = await ask(asked);
    await outcomeOf(command);
    redirect(`${asked.base}/billing?command=${command.id}`);
  });
}

function subjectIn({ actor, fields: { subscriptionId = "", revision = "" } }: Asked) {
  return { organizationId: actor.organizationId, subscriptionId, revision };
}
