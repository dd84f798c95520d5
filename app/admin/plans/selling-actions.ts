"use server";

import { revalidatePath } from "next/cache";
import { outcomeOf } from "#app/_server/asked.ts";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { readMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import type { Administrator } from "#lib/actor.ts";
import type { CommandRow } from "#lib/billing/asking/kind.ts";
import {
  type AboutSold,
  publishSold,
  renameProduct,
  withdrawPrices,
} from "#lib/billing/selling/commands.ts";
import { adoptPrice, type Imported, importPrices } from "#lib/billing/selling/import-commands.ts";
import { readCatalogue } from "#lib/billing/selling/reading.ts";
import { counted } from "#lib/counted.ts";
import { AppError } from "#lib/errors.ts";
import { rowsOf } from "./_parts/rows.ts";

/** Has the gateway sell what is sold here. */
export async function publish(_: FormState, data: FormData): Promise<FormState> {
  return told(data, (actor, about) => publishSold(actor, about));
}

/** Takes one price off sale at the gateway, or all. */
export async function withdraw(_: FormState, data: FormData): Promise<FormState> {
  return told(data, (actor, about, { priceRef }) =>
    withdrawPrices(actor, { ...about, ...(priceRef && { priceRef }) }),
  );
}

/** Calls the gateway's product as what it sells is called here. */
export async function rename(_: FormState, data: FormData): Promise<FormState> {
  return told(data, (actor, about, { productRef = "" }) =>
    renameProduct(actor, { ...about, productRef }),
  );
}

/** Sells here what the gateway sells. */
export async function adopt(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const fields = fieldsOf(data);
    await adoptPrice(actor, { ...aboutIn(fields), priceRef: fields.priceRef ?? "" });
    refresh();
    return "It is asked here now.";
  });
}

/** Begins to read what the gateway has on sale; a job goes on. */
export async function read(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    await readCatalogue(actor, placeIn(fieldsOf(data)));
    refresh();
    return "The catalogue is being read.";
  });
}

/** Does what the page showed, of what was chosen. */
export async function importChosen(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const chosen = rowsOf(data, "groups", ({ tierId, take }) => !tierId && take !== "on");
    if (chosen.length === 0) {
      throw new AppError("invalid_input", "Nothing is chosen: choose a tier, or tick a plan.");
    }
    const choices = chosen.map(({ fields: { code = "", seen = "", tierId } }) => ({
      code,
      seen,
      ...(tierId && { tierId }),
    }));
    const done = await importPrices(actor, { ...placeIn(fieldsOf(data)), choices });
    refresh();
    return importedInWords(done);
  });
}

type Fields = Record<string, string>;

function told(
  data: FormData,
  ask: (actor: Administrator, about: AboutSold, fields: Fields) => Promise<CommandRow>,
): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const fields = fieldsOf(data);
    refresh();
    return outcomeOf(await ask(actor, aboutIn(fields), fields));
  });
}

function placeIn({ gateway = "", mode }: Fields) {
  const known = readMode(mode);
  if (!known || !/^[a-z]{1,32}$/.test(gateway)) {
    throw new AppError("not_found", "There is no such gateway.");
  }
  return { gateway, mode: known };
}

function aboutIn(fields: Fields): AboutSold {
  const { soldId = "", revision = "" } = fields;
  return { ...placeIn(fields), soldId, revision };
}

function importedInWords({ plans, prices, changed }: Imported): string {
  const made = plans > 0 && `${counted(plans, "plan")} made`;
  const linked = prices > 0 && `${counted(prices, "price")} linked`;
  const left = changed > 0 && `${counted(changed, "plan")} changed meanwhile and left: look again`;
  const parts = [made, linked, left].filter(Boolean);
  return parts.length > 0 ? `${parts.join(", ")}.` : "There was nothing left to do.";
}

/** Customers read prices too. */
function refresh(): void {
  revalidatePath("/admin/plans", "layout");
  revalidatePath("/");
}
