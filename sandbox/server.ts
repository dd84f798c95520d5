import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { catchUp } from "./clock/advance.ts";
import { dueSources } from "./due-sources.ts";
import { operations } from "./operations.ts";
import { answerCall, type Desk } from "./protocol/answer.ts";
import { routesOf } from "./protocol/routes.ts";
import { setOrigin } from "./state/origin.ts";
import { createWorld, type World, type WorldOptions } from "./state/world.ts";

export type SandboxOptions = WorldOptions & {
  /** A free port, unless given. */
  readonly port?: number;
};

/** A running sandbox. */
export type Sandbox = {
  readonly url: string;
  readonly world: World;
  close(): Promise<void>;
};

const TICK_MILLISECONDS = 1_000;

/** Starts a sandbox on this machine's own address and answers once it listens. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const world = createWorld(options);
  let url = "";
  const desk: Desk = { world, origin: () => url, find: routesOf(operations) };
  const app = new Hono();
  app.all("/v1/*", async ({ req }) => {
    const body = await req.text();
    catchUp(world, dueSources);
    const asked = new URL(req.url);
    const answer = answerCall(desk, {
      method: req.method,
      address: asked.pathname,
      query: asked.search,
      header: (name) => req.header(name),
      body,
    });
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  });
  const server = createAdaptorServer({ fetch: app.fetch });
  url = await listen(server, options.port ?? 0);
  setOrigin(world, url);
  const ticking = setInterval(() => catchUp(world, dueSources), TICK_MILLISECONDS);
  ticking.unref();
  return {
    url,
    world,
    close: async () => {
      clearInterval(ticking);
      if ("closeAllConnections" in server) server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

type Server = ReturnType<typeof createAdaptorServer>;

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
  const { port: taken } = addressOf(server);
  return `http://127.0.0.1:${taken}`;
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the sandbox has no port");
  return address;
}
