"use server";

import { revalidatePath } from "next/cache";
import { safeLink } from "#app/_billing/safe-link.ts";
import { askedForm, outcomeOf } from "#app/_server/asked.ts";
import { attemptForm } from "#app/_server/attempt.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { urlIn } from "#lib/billing/asking/answer.ts";
import {
  addMethod,
  payInvoice,
  removeMethod,
  setDefaultMethod,
} from "#lib/billing/paying/commands.ts";
import { type Asked, askerOf } from "../asker.ts";
import { leave } from "../checkout/leave.ts";

/** Goes to the gateway's own page for another card; it leads back here. */
export async function add(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { actor, fields, base } = await askerOf(data);
    revalidatePath("/portal/[org]/payment-methods", "page");
    const { organizationId } = actor;
    const command = await addMethod(actor, { organizationId, revision: fields.revision ?? "" });
    const sentence = await outcomeOf(command);
    const page = safeLink(urlIn(command.answer));
    return page ? leave(page, `${base}/payment-methods`) : sentence;
  });
}

export async function makeDefault(_: FormState, data: FormData): Promise<FormState> {
  return askedForm(data, async () => {
    const asked = await askerOf(data);
    return setDefaultMethod(asked.actor, methodIn(asked));
  });
}

export async function remove(_: FormState, data: FormData): Promise<FormState> {
  return askedForm(data, async () => {
    const asked = await askerOf(data);
    return removeMethod(asked.actor, methodIn(asked));
  });
}

/** Makes a card the default and pays with it what is owed: the way out after a failed payment. */
export async function payWith(_: FormState, data: FormData): Promise<FormState> {
  return askedForm(data, async () => {
    const asked = await askerOf(data);
    const method = methodIn(asked);
    await outcomeOf(await setDefaultMethod(asked.actor, method));
    const { invoiceId = "", invoiceRevision = "" } = asked.fields;
    const { organizationId, methodId } = method;
    const revision = invoiceRevision;
    return payInvoice(asked.actor, { organizationId, invoiceId, methodId, revision });
  });
}

function methodIn({ actor, fields: { methodId = "", revision = "" } }: Asked) {
  return { organizationId: actor.organizationId, methodId, revision };
}
