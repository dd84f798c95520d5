"use server";

import { revalidatePath } from "next/cache";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { tryJobAgain } from "#lib/notices/job-commands.ts";

/** Puts a job that ended badly back into its queue. */
export async function tryAgain(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { kind = "", jobId = "" } = fieldsOf(data);
    await tryJobAgain(actor, { kind, jobId });
    revalidatePath("/admin", "layout");
    return "Back in its queue. A worker takes it as soon as one is free.";
  });
}
