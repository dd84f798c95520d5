"use server";

import { revalidatePath } from "next/cache";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { pauseImport, resumeImport, startImport, stopImport } from "#lib/imports/commands.ts";

const PAGE = "/admin/customers/import";

export async function start(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { gateway, mode, makesOrganizations } = fieldsOf(data);
    await startImport(actor, { gateway, mode, makesOrganizations: makesOrganizations === "on" });
    revalidatePath(PAGE);
    return "The import has begun. You may leave this page; it goes on by itself.";
  });
}

export async function pause(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    await pauseImport(await requireAdministrator(), fieldsOf(data));
    revalidatePath(PAGE);
    return "Paused. What is linked stays linked.";
  });
}

export async function resume(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    await resumeImport(await requireAdministrator(), fieldsOf(data));
    revalidatePath(PAGE);
    return "The import goes on.";
  });
}

export async function stop(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    await stopImport(await requireAdministrator(), fieldsOf(data));
    revalidatePath(PAGE);
    return "Stopped. What is linked stays linked.";
  });
}
