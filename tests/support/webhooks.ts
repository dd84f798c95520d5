import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";
import type { Sql } from "#db/client.ts";
import { drainIntake } from "#lib/inbox/intake-line.ts";
import { closeListener, createListener } from "#lib/inbox/listener.ts";
import { drainRefused } from "#lib/inbox/refused.ts";
import { addSecret } from "#lib/settings/commands.ts";
import { type Door, doorAt } from "./door.ts";
import { ada, prepareSettings } from "./settings.ts";
import { liveSecret, testSecret } from "./stripe-objects.ts";

/** A deployment that believes both secrets of tests/support/stripe-objects.ts, with its webhook door open. */
export async function openDoor(
  database: { url: string; sql: Sql },
  { secrets = [testSecret, liveSecret] } = {},
): Promise<Door> {
  await prepareSettings(database);
  for (const { mode, secret } of secrets) {
    await addSecret(ada, { gateway: "stripe", mode, label: mode, secret });
  }
  return listen();
}

/** The webhook door alone, on a free port. */
export async function listen({ trustProxy = false } = {}): Promise<Door> {
  const server = createListener({
    trustProxy,
    fallback: (_, response) => response.writeHead(404).end("not a webhook"),
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  afterAll(async () => {
    await closeListener(server, 1_000);
    await drainIntake();
    await drainRefused();
  });
  return doorAt(port);
}
