"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { askedForm, outcomeOf } from "#app/_server/asked.ts";
import { attemptForm } from "#app/_server/attempt.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import {
  cancelSubscription,
  keepSubscription,
  pauseSubscription,
  resumeSubscription,
} from "#lib/billing/ending/commands.ts";
import { type Asked, askerOf } from "../asker.ts";

/** Ends the subscription with its period, and goes to the page that says until when it lasts. */
export async function cancel(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const asked = await askerOf(data);
    revalidatePath("/portal/[org]", "layout");
    const { reason, comment = "" } = asked.fields;
    const command = await cancelSubscription(asked.actor, {
      ...subjectIn(asked),
      reason,
      comment,
    });
    await outcomeOf(command);
    redirect(`${asked.base}/billing?command=${command.id}`);
  });
}

/** Takes a cancellation back. */
export async function keep(_: FormState, data: FormData): Promise<FormState> {
  return askedForm(data, async () => {
    const asked = await askerOf(data);
    return keepSubscription(asked.actor, subjectIn(asked));
  });
}

export async function pause(_: FormState, data: FormData): Promise<FormState> {
  return askedForm(data, async () => {
    const asked = await askerOf(data);
    return pauseSubscription(asked.actor, subjectIn(asked));
  });
}

export async function resume(_: FormState, data: FormData): Promise<FormState> {
  return askedForm(data, async () => {
    const asked = await askerOf(data);
    return resumeSubscription(asked.actor, subjectIn(asked));
  });
}

function subjectIn({ actor, fields: { subscriptionId = "", revision = "" } }: Asked) {
  return { organizationId: actor.organizationId, subscriptionId, revision };
}
