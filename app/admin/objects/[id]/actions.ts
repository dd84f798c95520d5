"use server";

import { revalidatePath } from "next/cache";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { AppError } from "#lib/errors.ts";
import { resumeObject } from "#lib/inbox/commands.ts";
import { outcomeSentence } from "../../_parts/outcome.ts";

/** Takes a parked object back to work, or looks at any other once more. */
export async function resume(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const objectId = Number(fieldsOf(data).objectId);
    if (!Number.isSafeInteger(objectId) || objectId < 1) {
      throw new AppError("not_found", "There is no such gateway object.");
    }
    const outcome = await resumeObject(actor, { objectId });
    revalidatePath("/admin", "layout");
    return outcome ? outcomeSentence(outcome) : "Taken back to work. A worker is at it.";
  });
}
