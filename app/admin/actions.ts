"use server";

import { attempt } from "#app/_server/attempt.ts";
import { keepMode, readMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";

/** Shows test or live data from now on, in this browser. */
export async function chooseMode(data: FormData): Promise<void> {
  await attempt(async () => {
    await requireAdministrator();
    const mode = readMode(data.get("mode"));
    if (mode) await keepMode(mode);
  });
}
