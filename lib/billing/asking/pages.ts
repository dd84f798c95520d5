import { db } from "#db/client.ts";
import { ring } from "../../rings/store.ts";
import { pageOf } from "./answer.ts";
import { reading } from "./errand.ts";
import type { CommandRow, Errand } from "./kind.ts";
import { closeFinished, closePage, openPage, pagesToLookAt } from "./pages-store.ts";
import { findCommand, type Place } from "./store.ts";

/** Pages of the gateway's that people pay on: asked for by a command, finished by a person. */

/** A page that is open for the same wish, or that was paid on while nobody looked. */
export async function pageToGoOnWith(
  place: Place,
  kind: Parameters<typeof openPage>[2],
  isSameWish: (command: CommandRow) => boolean,
): Promise<CommandRow | undefined> {
  const command = await openPage(db(), place, kind);
  const page = command && pageOf(command);
  if (!command || !page) return undefined;
  const errand = await reading(place);
  const found = await errand.gateway.fetch(
    { type: "checkout", ref: page.ref },
    errand.connection,
    errand.signal,
  );
  const status = found.kind === "checkout" ? found.status : "expired";
  if (status === "open") return isSameWish(command) ? command : undefined;
  await db().transaction(async (tx) => {
    await closePage(tx, command.id, status);
    const over = [{ type: "checkout", ref: page.ref }] as const;
    await ring(tx, place, over, { cause: "command", evenIfKnown: true });
  });
  return status === "complete" ? findCommand(command.id) : undefined;
}

/** A page that was opened for another wish, and the command that opened it. */
export type PageBefore = { readonly commandId: string; readonly ref: string };

/** Closes the page before a new one is opened; `paid` where somebody was quicker. */
export async function closeBefore(errand: Errand, before: PageBefore): Promise<"closed" | "paid"> {
  const end = await errand.gateway.commands.expireCheckout(before.ref, errand);
  await closePage(db(), before.commandId, end === "completed" ? "complete" : "expired");
  return end === "completed" ? "paid" : "closed";
}

/**
 * Looks at the pages that people were sent to pay on: whoever closed the window after paying gets what
 * they paid for even if the gateway's word of it was lost, and pages that ran out are put away.
 */
export async function lookAtOpenPages(): Promise<void> {
  await db().transaction((tx) => closeFinished(tx));
  for (const { refs, ...place } of await pagesToLookAt(db())) {
    const pages = refs.map((ref) => ({ type: "checkout", ref }) as const);
    // In one statement, which locks them in the order that everybody keeps.
    await db().transaction((tx) => ring(tx, place, pages, { cause: "command", evenIfKnown: true }));
  }
}
