import { db } from "#db/client.ts";
import type { GatewayName } from "../gateways/gateway.ts";
import { log } from "../log.ts";
import { raiseAlert } from "../notices/store.ts";
import { briefly } from "./failures.ts";
import { tokenBucket } from "./token-bucket.ts";

/** One replayed request must not make of each repetition a write. */
const mayTell = tokenBucket(2, 1 / 60);
const telling = new Set<Promise<void>>();

/**
 * Tells administrators that a right signature was refused for its time. Where this server's clock is
 * wrong, that is every webhook, and nothing else would say so.
 */
export function tellOfClock(gateway: GatewayName, diagnosis: string): void {
  if (!mayTell.take()) return;
  const told = raiseAlert(db(), {
    kind: "clock_apart",
    subject: gateway,
    message: diagnosis,
    href: "/admin/webhooks?verdict=refused",
  })
    .catch((error: unknown) => log().warn({ cause: briefly(error) }, "an alert was not written"))
    .finally(() => telling.delete(told));
  telling.add(told);
}

/** Waits until what was told is written. */
export async function drainClockAlerts(): Promise<void> {
  await Promise.all(telling);
}
