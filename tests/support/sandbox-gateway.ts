import { afterAll, beforeAll } from "vitest";
import { reloadConfig } from "#lib/config.ts";
import { closeListener, createListener, listenOn } from "#lib/inbox/listener.ts";
import { forgetSecrets } from "#lib/settings/secrets.ts";
import { type Box, KEY } from "./sandbox.ts";
import { testSecret } from "./stripe-objects.ts";

/** Makes sandboxes, one after another, the gateway of this process: it asks them, and they ring it. */
export function listenForSandboxes() {
  const server = createListener({ fallback: (_, response) => response.end(), trustProxy: false });
  let address = "";
  beforeAll(async () => {
    address = await listenOn(server, "127.0.0.1", 0);
  });
  afterAll(async () => {
    reloadConfig({ STRIPE_SECRET_KEY: undefined, STRIPE_API_BASE: undefined });
    forgetSecrets();
    server.closeAllConnections();
    await closeListener(server, 1_000);
  });
  return {
    async connect(box: Box): Promise<void> {
      reloadConfig({ STRIPE_SECRET_KEY: KEY, STRIPE_API_BASE: box.url });
      forgetSecrets();
      await box.control("/endpoints", {
        url: `${address}/api/webhooks/stripe`,
        secret: testSecret.secret,
      });
    },
  };
}

/** Lets a sandbox's time go by. */
export const waitIn = (box: Box) => async (days: number) => {
  await box.control("/clock", { by: days * 86_400 });
};
