"use server";

import type { FormState } from "#app/_ui/form-state.ts";
import { pauseSubscription, resumeSubscription } from "#lib/billing/ending/commands.ts";
import { subjectIn, told } from "../asker.ts";

/** Stops charging, and what is paid for, until it is resumed. */
export async function pause(_: FormState, data: FormData): Promise<FormState> {
  return told(data, (asked) => pauseSubscription(asked.actor, subjectIn(asked)));
}

/** Goes on after a pause, with a new period that is charged. */
export async function resume(_: FormState, data: FormData): Promise<FormState> {
  return told(data, (asked) => resumeSubscription(asked.actor, subjectIn(asked)));
}
