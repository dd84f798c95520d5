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

const OPTIONS = {
  port: { type: "string", default: DEFAULT_PORT },
  snapshot: { type: "string" },
  seed: { type: "string" },
  endpoint: { type: "string" },
  secret: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/** Starts a sandbox as the command line asks for it, and stops it when it is told to. */
export async function start(args: string[]): Promise<void> {
  const { values: given } = parseArgs({ args, options: OPTIONS });
  if (given.help) {
    console.log(HELP);
    return;
  }
  const sandbox = await createSandbox({
    port: numberOf("port", given.port),
    ...(given.seed === undefined ? {} : { seed: numberOf("seed", given.seed) }),
  });
  const file = given.snapshot === undefined ? undefined : keepInFile(sandbox, given.snapshot);
  const { endpoint } = given;
  const secret = endpoint && secretAt(sandbox, endpoint, given.secret);
  console.log(`The sandbox listens at ${sandbox.url}`);
  console.log("  Key:      sk_test_sandbox0123456789 (any that begins with sk_test_)");
  console.log(`  Control:  ${sandbox.url}/_sandbox`);
  if (endpoint) console.log(`  Webhooks: ${endpoint}, signed with ${secret}`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      file?.stop();
      void sandbox.close().then(() => process.exit(0));
    });
  }
}

/** The secret of the endpoint at an address, which is added unless the snapshot has it already. */
function secretAt({ world }: Sandbox, url: string, wanted: string | undefined): string {
  checkEndpoint({ url });
  return world.act(NOBODY, () => {
    const there = world.all("webhook_endpoint").find((endpoint) => endpoint.url === url);
    const { id } = there ?? makeEndpoint(world, { url, enabledEvents: ["*"], secret: wanted });
    const held = world.get("endpoint_secret", id);
    if (!held || wanted === undefined || held.current === wanted) return held?.current ?? "";
    return world.put("endpoint_secret", { ...held, current: wanted }).current;
  });
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new Error(`--${name} wants a number, not ${text}.`);
}
