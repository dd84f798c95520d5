import { parseArgs } from "node:util";
import { makeEndpoint } from "./events/endpoints.ts";
import { checkEndpoint } from "./resources/webhook-endpoints.ts";
import { createSandbox, type Sandbox } from "./server.ts";
import { keepInFile } from "./state/snapshot-file.ts";

const HELP = `A local Stripe: its API, its pages and its webhooks, on this machine.

  npm run sandbox -- [options]

  --port N         where to listen (12111; 0 for any free port)
  --snapshot FILE  keep everything in this file, and begin with what is in it
  --seed N         the same ids again with the same calls
  --endpoint URL   a webhook endpoint for all events
  --secret WHSEC   its signing secret; else a new one is printed
`;
const DEFAULT_PORT = "12111";
const NOBODY = { id: null, idempotency_key: null };

const { values: given } = parseArgs({
  options: {
    port: { type: "string", default: DEFAULT_PORT },
    snapshot: { type: "string" },
    seed: { type: "string" },
    endpoint: { type: "string" },
    secret: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (given.help) console.log(HELP);
else await start();

async function start(): Promise<void> {
  const sandbox = await createSandbox({
    port: numberOf("port", given.port),
    ...(given.seed === undefined ? {} : { seed: numberOf("seed", given.seed) }),
  });
  const file = given.snapshot === undefined ? undefined : keepInFile(sandbox, given.snapshot);
  console.log(`The sandbox listens at ${sandbox.url}`);
  console.log("  Key:      sk_test_sandbox0123456789 (any that begins with sk_test_)");
  console.log(`  Control:  ${sandbox.url}/_sandbox`);
  if (given.endpoint)
    console.log(`  Webhooks: ${given.endpoint}, signed with ${endpointAt(sandbox)}`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      file?.stop();
      void sandbox.close().then(() => process.exit(0));
    });
  }
}

/** Adds the endpoint that was asked for, unless the snapshot has it already, and tells its secret. */
function endpointAt({ world }: Sandbox): string {
  const url = given.endpoint ?? "";
  checkEndpoint({ url });
  const there = world.all("webhook_endpoint").find((endpoint) => endpoint.url === url);
  const { id } =
    there ??
    world.act(NOBODY, () =>
      makeEndpoint(world, { url, enabledEvents: ["*"], secret: given.secret }),
    );
  const held = world.get("endpoint_secret", id);
  if (held && given.secret !== undefined && held.current !== given.secret) {
    const current = given.secret;
    world.act(NOBODY, () => world.put("endpoint_secret", { ...held, current }));
    return current;
  }
  return held?.current ?? "";
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new Error(`--${name} wants a number, not ${text}.`);
}
