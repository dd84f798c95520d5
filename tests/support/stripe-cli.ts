import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import Stripe from "stripe";
import { KEY, startSandbox } from "./sandbox.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const PROGRAM = path.join(ROOT, "node_modules/@stripe/cli-linux-x64/bin/stripe");
const OLDER_SCRIPTS = path.join(ROOT, "../shared/fixtures/stripe/cli-triggers");
const SECRET = "whsec_0123456789abcdef0123456789abcdef";

/** Stripe's own command line is an optional package, for one kind of machine. */
export const hasCli = existsSync(PROGRAM);

/** Scripts that an older one of it played, by the events that they end in. */
export const olderScripts: readonly string[] = existsSync(OLDER_SCRIPTS)
  ? readdirSync(OLDER_SCRIPTS).map((name) => path.basename(name, ".json"))
  : [];

/** What came of a trigger: the events that arrived, rightly signed, what it said, and what was refused. */
export type Triggered = {
  readonly heard: readonly string[];
  readonly badlySigned: number;
  readonly said: string;
  readonly refusals: readonly { status: number; error: unknown }[];
};

export type Cli = {
  /** Triggers an event in a sandbox of its own and waits until it arrives, or a while if it does not. */
  trigger(name: string, options?: { awaits?: string }): Promise<Triggered>;
  playOlder(name: string, options?: { awaits?: string }): Promise<Triggered>;
  /** All the events that it can trigger, as it lists them. */
  names(): Promise<string[]>;
  close(): Promise<void>;
};

/** Makes the command line ready, without the network and with a home of its own. */
export async function stripeCli(): Promise<Cli> {
  const home = mkdtempSync(path.join(tmpdir(), "stripe-cli-"));
  const mailbox = await listen();
  const run = (args: readonly string[]) => execute(args, home);
  async function play(args: readonly string[], awaited: string): Promise<Triggered> {
    const box = await startSandbox({});
    const { address, letters } = mailbox.open();
    await box.control("/endpoints", { url: address, secret: SECRET });
    const said = await run([...args, "--api-key", KEY, "--api-base", box.url]);
    const isRefused = !said.includes("Trigger succeeded") && args[0] === "trigger";
    await until(() => letters.heard.includes(awaited), isRefused ? 100 : 6_000);
    const refusals = box.calls.all().filter(({ status }) => status >= 400);
    await box.close();
    return { ...letters, said, refusals };
  }
  return {
    trigger: (name, { awaits = name } = {}) => play(["trigger", name], awaits),
    playOlder: (name, { awaits = name } = {}) =>
      play(["fixtures", path.join(OLDER_SCRIPTS, `${name}.json`)], awaits),
    names: async () => {
      const help = await run(["trigger", "--help"]);
      return [...help.matchAll(/^ {2}([a-z_]+(?:\.[a-z_]+)+)$/gm)].flatMap(
        ([, name]) => name ?? [],
      );
    },
    close: async () => {
      await mailbox.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** It looks for newer versions over the network each time: where there is a dead proxy, it does not wait. */
function execute(args: readonly string[], home: string): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_CONFIG_HOME: home,
    HTTPS_PROXY: "http://127.0.0.1:9",
    STRIPE_CLI_TELEMETRY_OPTOUT: "1",
    NODE_ENV: "test" as const,
  };
  return new Promise((resolve) => {
    execFile(PROGRAM, args, { env, timeout: 30_000 }, (_, out, err) => resolve(out + err));
  });
}

type Letters = { heard: string[]; badlySigned: number };

/** A receiver of webhooks that checks their signatures as a merchant would. */
async function listen() {
  const boxes = new Map<string, Letters>();
  const server = createServer((request, response) => {
    const letters = boxes.get(request.url ?? "");
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const signature = request.headers["stripe-signature"] ?? "";
      try {
        const event = Stripe.webhooks.constructEvent(Buffer.concat(chunks), signature, SECRET);
        letters?.heard.push(event.type);
      } catch {
        if (letters) letters.badlySigned += 1;
        response.statusCode = 400;
      }
      response.end("{}");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const origin = originOf(server);
  return {
    open() {
      const place = `/${boxes.size}`;
      const letters: Letters = { heard: [], badlySigned: 0 };
      boxes.set(place, letters);
      return { address: `${origin}${place}`, letters };
    },
    close: () => new Promise((done) => server.close(done)),
  };
}

function originOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}

async function until(isSo: () => boolean, milliseconds: number): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!isSo() && Date.now() < end) await new Promise((done) => setTimeout(done, 20));
}
