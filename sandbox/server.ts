import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import type { Box } from "./box.ts";
import { catchUp } from "./clock/advance.ts";
import { finishAdvances } from "./clock/test-clocks.ts";
import { controlApi } from "./control/api.ts";
import { createFaults } from "./control/faults.ts";
import { guard } from "./control/guard.ts";
import { requestLog } from "./control/request-log.ts";
import { dueSources } from "./due-sources.ts";
import { type CourierOptions, createCourier } from "./events/deliver.ts";
import { operations } from "./operations.ts";
import { pagesOf } from "./pages/routes.ts";
import { serveCall } from "./protocol/api.ts";
import { createIdempotency } from "./protocol/idempotency.ts";
import { routesOf } from "./protocol/routes.ts";
import { originOf, setOrigin } from "./state/origin.ts";
import { createWorld, type WorldOptions } from "./state/world.ts";

export type SandboxOptions = WorldOptions &
  CourierOptions & {
    /** A free port, unless given. */
    readonly port?: number | undefined;
  };

/** A running sandbox. */
export type Sandbox = Box & {
  readonly url: string;
  close(): Promise<void>;
};

const TICK_MILLISECONDS = 1_000;

/** Starts a sandbox on this machine's own address and answers once it listens. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const box = createBox(options);
  const find = routesOf(operations);
  const app = new Hono();
  app.all("/v1/*", (context) => serveCall(box, find, context));
  app.all("/v2/*", (context) => serveCall(box, find, context));
  app.use("/_sandbox/*", guard);
  app.use("/_pages/*", guard);
  app.route("/_sandbox/api", controlApi(box));
  app.route("/", pagesOf(box));
  app.notFound((context) =>
    context.req.path.startsWith("/_")
      ? context.text("Not found", 404)
      : serveCall(box, find, context),
  );
  const server = createAdaptorServer({ fetch: app.fetch });
  const url = await listen(server, options.port ?? 0);
  setOrigin(box.world, url);
  const ticking = setInterval(box.tick, TICK_MILLISECONDS);
  ticking.unref();
  return {
    ...box,
    url,
    close: async () => {
      clearInterval(ticking);
      box.courier.stop();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function createBox(options: SandboxOptions): Box {
  const world = createWorld(options);
  const faults = createFaults();
  let caughtUpTo = "";
  return {
    world,
    faults,
    courier: createCourier(world, faults, options),
    calls: requestLog(),
    idempotency: createIdempotency(world),
    origin: () => originOf(world),
    tick: () => {
      // Looking for what is due costs more than most calls do.
      const state = `${world.version} ${world.now(null)}`;
      if (state === caughtUpTo) return;
      catchUp(world, dueSources);
      finishAdvances(world, dueSources);
      caughtUpTo = `${world.version} ${world.now(null)}`;
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
