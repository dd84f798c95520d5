"use server";

import { attemptForm } from "#app/_server/attempt.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { extendTrial, giveCredit, refundPayment } from "#lib/billing/granting/commands.ts";
import { endComp, giveComp } from "#lib/billing/granting/comp-commands.ts";
import { askerOf, told } from "../asker.ts";

/** Gives a plan or a tier free of charge until a day. */
export async function give(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { actor, organizationId, reason, fields } = await askerOf(data);
    const { given = "", until = "", revision = "" } = fields;
    const wish = { organizationId, given, until, reason, revision };
    return (await giveComp(actor, wish)).sentence;
  });
}

/** Ends what was given before its day. */
export async function endGiven(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { actor, organizationId, reason, fields } = await askerOf(data);
    const { compId = "" } = fields;
    return (await endComp(actor, { organizationId, compId, reason })).sentence;
  });
}

/** Moves the end of a trial to a later day. */
export async function extend(_: FormState, data: FormData): Promise<FormState> {
  return told(data, ({ actor, organizationId, reason, fields }) => {
    const { subscriptionId = "", until = "", revision = "" } = fields;
    return extendTrial(actor, { organizationId, subscriptionId, until, revision, reason });
  });
}

/** Puts an amount to the customer's credit. */
export async function credit(_: FormState, data: FormData): Promise<FormState> {
  return told(data, ({ actor, organizationId, reason, fields }) => {
    const { customerId = "", amount = "", currency, revision = "" } = fields;
    return giveCredit(actor, { organizationId, customerId, amount, currency, revision, reason });
  });
}

/** Gives a payment back, whole or in part. */
export async function refund(_: FormState, data: FormData): Promise<FormState> {
  return told(data, ({ actor, organizationId, reason, fields }) => {
    const { paymentId = "", amount = "", revision = "" } = fields;
    return refundPayment(actor, { organizationId, paymentId, amount, revision, reason });
  });
}
