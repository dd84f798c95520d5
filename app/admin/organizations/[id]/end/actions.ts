"use server";

import type { FormState } from "#app/_ui/form-state.ts";
import {
  cancelOnBehalf,
  cancelSubscriptionNow,
  keepSubscription,
} from "#lib/billing/ending/commands.ts";
import { subjectIn, told } from "../asker.ts";

/** Ends the subscription with its period. */
export async function cancel(_: FormState, data: FormData): Promise<FormState> {
  return told(data, (asked) => cancelOnBehalf(asked.actor, subjectIn(asked)));
}

/** Ends it at once. */
export async function endNow(_: FormState, data: FormData): Promise<FormState> {
  return told(data, (asked) => {
    const givesBack = asked.fields.givesBack === "on";
    return cancelSubscriptionNow(asked.actor, { ...subjectIn(asked), givesBack });
  });
}

/** Takes a cancellation back. */
export async function keep(_: FormState, data: FormData): Promise<FormState> {
  return told(data, (asked) => keepSubscription(asked.actor, subjectIn(asked)));
}
