"use server";

import { revalidatePath } from "next/cache";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { AppError } from "#lib/errors.ts";
import type { Mode } from "#lib/gateways/gateway.ts";
import { addSecret, relabelSecret, restoreSecret, retireSecret } from "#lib/settings/commands.ts";
import { removeApiKey, saveApiKey } from "#lib/settings/connection-commands.ts";
import { DAY, HOUR } from "#lib/time.ts";

export async function add(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { gateway = "", secret = "", label } = fieldsOf(data);
    const input = { gateway, mode: modeOf(data), secret, ...(label?.trim() && { label }) };
    const { lastFour } = await addSecret(actor, input);
    refresh();
    return `Secret •••• ${lastFour} verifies from now on. Refused requests are looked at again.`;
  });
}

export async function retire(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { secretId = "", when = "", at = "" } = fieldsOf(data);
    const moment = momentOf(when, at);
    await retireSecret(actor, { secretId, ...(moment && { at: moment }) });
    refresh();
    return moment ? "The secret verifies until then." : "The secret verifies nothing any more.";
  });
}

export async function restore(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    await restoreSecret(actor, { secretId: fieldsOf(data).secretId ?? "" });
    refresh();
    return "The secret verifies again.";
  });
}

export async function relabel(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { secretId = "", label = "" } = fieldsOf(data);
    await relabelSecret(actor, { secretId, label });
    refresh();
    return "Renamed.";
  });
}

export async function saveKey(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { gateway = "", apiKey = "", anotherAccount } = fieldsOf(data);
    const { accountRef } = await saveApiKey(actor, {
      gateway,
      mode: modeOf(data),
      apiKey,
      anotherAccount: anotherAccount === "on",
    });
    refresh();
    return accountRef ? `The key of ${accountRef} is in use.` : "The key is in use.";
  });
}

export async function removeKey(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    await removeApiKey(actor, { gateway: fieldsOf(data).gateway ?? "", mode: modeOf(data) });
    refresh();
    return "The key is forgotten. Events are applied from their payloads.";
  });
}

function refresh(): void {
  revalidatePath("/admin/settings/gateways/[gateway]", "page");
}

function modeOf(data: FormData): Mode {
  const { mode } = fieldsOf(data);
  if (mode === "test" || mode === "live") return mode;
  throw new AppError("invalid_input", "Choose test or live.");
}

/** Undefined is now. The form's date is in UTC, as it says. */
function momentOf(when: string, at: string): Date | undefined {
  if (when === "now") return undefined;
  if (when === "hour") return new Date(Date.now() + HOUR);
  if (when === "day") return new Date(Date.now() + DAY);
  if (when === "week") return new Date(Date.now() + 7 * DAY);
  const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(at)
    ? new Date(`${at.slice(0, 16)}Z`)
    : undefined;
  if (moment && !Number.isNaN(moment.getTime())) return moment;
  const sentence = "Choose a date and a time.";
  throw new AppError("invalid_input", sentence, { fields: { at: sentence } });
}
