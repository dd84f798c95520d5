"use server";

import { askedForm } from "#app/_server/asked.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { payInvoice } from "#lib/billing/paying/commands.ts";
import { askerOf } from "../../asker.ts";

/** Tries to collect the invoice now, with the default card. */
export async function pay(_: FormState, data: FormData): Promise<FormState> {
  return askedForm(data, async () => {
    const { actor, fields } = await askerOf(data);
    const { invoiceId = "", revision = "" } = fields;
    return payInvoice(actor, { organizationId: actor.organizationId, invoiceId, revision });
  });
}
