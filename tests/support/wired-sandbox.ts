import { afterAll } from "vitest";
import type { Sql } from "#db/client.ts";
import { prepareBilling } from "./billing.ts";
import { askAt, askNobody } from "./commanding.ts";
import { type Box, startSandbox } from "./sandbox.ts";
import { tapWire, type WireTap } from "./wire-tap.ts";

/**
 * Gives a test file a sandbox that Billhook asks over a wire that can be cut, closed at the file's end:
 * `const { box, wire } = await useWiredSandbox(database);` below `useDatabase`.
 */
export async function useWiredSandbox(database: {
  url: string;
  sql: Sql;
}): Promise<{ box: Box; wire: WireTap }> {
  await prepareBilling(database);
  const box = await startSandbox();
  const wire = await tapWire(box.url);
  askAt(wire.url);
  afterAll(async () => {
    askNobody();
    await wire.close();
    await box.close();
  });
  return { box, wire };
}
