import { db } from "#db/client.ts";
import { ring } from "../../rings/store.ts";
import { closeFinished, pagesToLookAt } from "./store.ts";

/**
 * Looks at the pages that people were sent to pay on: whoever closed the window after paying gets what
 * they paid for even if the gateway's word of it was lost, and pages that ran out are put away.
 */
export async function lookAtOpenPages(): Promise<void> {
  await db().transaction(async (tx) => {
    await closeFinished(tx);
    for (const { ref, ...place } of await pagesToLookAt(tx)) {
      const page = [{ type: "checkout", ref }] as const;
      await ring(tx, place, page, { cause: "command", evenIfKnown: true });
    }
  });
}
