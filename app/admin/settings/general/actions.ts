"use server";

import { revalidatePath } from "next/cache";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { type FormState, seenIn } from "#app/_ui/form-state.ts";
import { saveProductSettings } from "#lib/settings/product-commands.ts";

export async function save(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const fields = fieldsOf(data);
    await saveProductSettings(actor, {
      productName: fields.productName ?? "",
      publicUrl: fields.publicUrl ?? null,
      supportEmail: fields.supportEmail ?? null,
      graceDays: Number(fields.graceDays?.trim() || Number.NaN),
      monthsKept: Number(fields.monthsKept?.trim() || Number.NaN),
      accentColour: fields.accentColour ?? null,
      ...timingsIn(fields),
      isPauseAllowed: fields.isPauseAllowed === "on",
      takesPromotionCodes: fields.takesPromotionCodes === "on",
      worksOutTax: fields.worksOutTax === "on",
      seen: seenIn(fields),
    });
    revalidatePath("/", "layout");
    return "Settings saved.";
  });
}

/** What is none of the two is left as it is. */
function timingsIn({ upgradeTiming, downgradeTiming, isTimingFree }: Record<string, string>) {
  const known = (timing: string | undefined): "now" | "renewal" | undefined =>
    timing === "now" || timing === "renewal" ? timing : undefined;
  return {
    upgradeTiming: known(upgradeTiming),
    downgradeTiming: known(downgradeTiming),
    isTimingFree: isTimingFree === "on",
  };
}
