import { revalidatePath } from "next/cache";
import type { FormState } from "#app/_ui/form-state.ts";
import type { CommandRow } from "#lib/billing/asking/kind.ts";
import { AppError } from "#lib/errors.ts";
import { lookAfter } from "#lib/inbox/commands.ts";
import { attemptForm } from "./attempt.ts";

/**
 * A server action that asks a gateway for something: waits until what it caused is seen, bounded, and
 * says what became of it. The page is read anew whatever comes of it: it may have been out of date.
 */
export async function askedForm(
  data: FormData,
  ask: () => Promise<CommandRow>,
): Promise<FormState> {
  let isUnfinished = false;
  const state = await attemptForm(data, async () => {
    revalidatePath("/portal/[org]", "layout");
    const command = await ask();
    isUnfinished = command.status !== "done";
    return outcomeOf(command);
  });
  return { ...state, isUnfinished };
}

/** What became of a command, as a sentence; a refusal is thrown as one. Looks at what it changed first. */
export async function outcomeOf(command: CommandRow): Promise<string> {
  await lookAfter(command);
  switch (command.status) {
    case "done":
    case "needs_person":
      return command.sentence ?? "Done.";
    case "refused":
    case "unknown":
      throw new AppError("gateway_refused", command.sentence ?? "It was refused.");
    case "open":
      return "The payment company has not answered yet. It is asked again by itself; this page shows what comes of it.";
  }
}
