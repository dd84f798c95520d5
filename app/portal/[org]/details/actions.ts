"use server";

import { askedForm } from "#app/_server/asked.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { saveBillingDetails } from "#lib/billing/paying/details-commands.ts";
import { askerOf } from "../asker.ts";
import { removedIn } from "./removed.ts";

/** Keeps name, address and tax ids at the gateway, which writes the invoices. */
export async function save(_: FormState, data: FormData): Promise<FormState> {
  return askedForm(data, async () => {
    const { actor, fields } = await askerOf(data);
    const { revision = "", ...typed } = fields;
    return saveBillingDetails(actor, {
      ...typed,
      removedTaxIds: removedIn(typed),
      organizationId: actor.organizationId,
      revision,
    });
  });
}
