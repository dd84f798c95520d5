"use server";

import { revalidatePath } from "next/cache";
import { type Attempt, attempt, attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { readMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import { mapPrice } from "#lib/billing/commands.ts";
import { counted } from "#lib/counted.ts";
import { AppError } from "#lib/errors.ts";
import { previewReplay, replayEvent, syncNow } from "#lib/inbox/commands.ts";
import { outcomeSentence, type Previewed } from "../../_parts/outcome.ts";

/** Runs a stored event again, and says what came of it. */
export async function replay(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const { eventId = "" } = fieldsOf(data);
    const { outcome } = await replayEvent(await requireAdministrator(), { eventId });
    revalidatePath("/admin", "layout");
    return outcome ? outcomeSentence(outcome) : "Replay asked for. A worker is at it.";
  });
}

/** Asks what a replay would change, and changes nothing. */
export async function preview(
  _: Attempt<Previewed | undefined> | null,
  data: FormData,
): Promise<Attempt<Previewed | undefined>> {
  return attempt(async () => {
    const { eventId = "" } = fieldsOf(data);
    const outcome = await previewReplay(await requireAdministrator(), { eventId });
    return outcome && { changes: outcome.changes, sentence: outcomeSentence(outcome) };
  });
}

/** Puts the price that an event named into a plan; what waited for it follows. */
export async function putPriceIntoPlan(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { gateway = "", mode, priceRef = "", planId = "" } = fieldsOf(data);
    const known = readMode(mode);
    if (!known || !planId) {
      const said = "Choose the plan that this price sells.";
      throw new AppError("invalid_input", said, { fields: { planId: said } });
    }
    const mapped = await mapPrice(actor, { gateway, mode: known, priceRef, planId });
    await syncNow(mapped.touched);
    revalidatePath("/admin", "layout");
    return `Price mapped. ${counted(mapped.organizations, "organization follows", "organizations follow")}.`;
  });
}
