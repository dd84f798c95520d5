import type { Box } from "../box.ts";
import type { KeptAnswer } from "../protocol/idempotency.ts";
import { reviveDecimals } from "../state/decimal.ts";
import type { Snapshot } from "../state/world.ts";

/** All that a sandbox is, as JSON: what it holds, what it answered, and its settings. */
export type SandboxSnapshot = {
  readonly format: "billhook-sandbox-1";
  readonly world: Snapshot;
  readonly answers: readonly KeptAnswer[];
};

export function takeSnapshot({ world, idempotency }: Box): SandboxSnapshot {
  return { format: "billhook-sandbox-1", world: world.snapshot(), answers: idempotency.kept() };
}

/** Makes a sandbox what it was when the snapshot was taken. Deliveries under way are forgotten. */
export function restoreSnapshot(box: Box, snapshot: SandboxSnapshot): void {
  box.world.restore(snapshot.world);
  box.idempotency.restore(snapshot.answers);
  box.courier.log.clear();
  box.calls.clear();
}

/** Reads a snapshot's text, or throws where it is none. */
export function readSnapshot(text: string): SandboxSnapshot {
  const given: unknown = JSON.parse(text, reviveDecimals);
  if (isSnapshot(given)) return given;
  throw new Error("This is no snapshot of a sandbox.");
}

function isSnapshot(given: unknown): given is SandboxSnapshot {
  return (
    typeof given === "object" &&
    given !== null &&
    "format" in given &&
    given.format === "billhook-sandbox-1"
  );
}

/** Takes everything away but the webhook endpoints and the settings, which are the account's. */
export function reset(box: Box, { keepAccount }: { keepAccount: boolean }): void {
  const { kinds, random } = box.world.snapshot();
  const kept = keepAccount
    ? {
        webhook_endpoint: kinds.webhook_endpoint ?? [],
        endpoint_secret: kinds.endpoint_secret ?? [],
        sandbox_settings: kinds.sandbox_settings ?? [],
      }
    : {};
  const world = { kinds: kept, random, offset: 0 };
  restoreSnapshot(box, { format: "billhook-sandbox-1", world, answers: [] });
}
