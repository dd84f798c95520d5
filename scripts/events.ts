import { createHmac, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { config } from "#lib/config.ts";
import { AppError } from "#lib/errors.ts";

const USAGE = `Posts recorded Stripe events to a running Billhook, signed as Stripe would,
or fills the log of a test deployment with made-up ones.

  npm run events -- post FILE… [options]
  npm run events -- generate --count N [--organizations M]

FILE is an event's JSON file, or a folder of them.

  --url URL            Where to (${defaultUrl()})
  --secret whsec_…     Signing secret for test events (default: STRIPE_WEBHOOK_SECRET)
  --live-secret whsec_…  Signing secret for events with "livemode": true
  --unique             Give each event a new id, so that none counts as a repeat
  --double             Post each twice
  --shuffle SEED       Post in an order of the seed's own
  --concurrency N      So many at once (8)

Generated events go straight into the database, ring nothing and change nothing but lists. Test mode only.

  --count N            So many events, over the last 90 days
  --organizations M    Of so many new organizations (100)`;

type Recorded = { file: string; body: Buffer; isLive: boolean };
type Answer = { file: string; outcome: string; isFine: boolean };

const { values, positionals } = readArguments();
const [command, ...files] = positionals;
if (command === "generate") await generateOrLeave();
if (command !== "post" || files.length === 0) leave(USAGE, command ? 2 : 0);

const events = arrange(files.flatMap(filesUnder).map(read));
if (events.length === 0) leave(`There is no .json file in ${files.join(", ")}.`, 1);
requireSecrets(events);
const url = values.url ?? defaultUrl();
const began = performance.now();
report(await postAll(events));

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        url: { type: "string" },
        secret: { type: "string" },
        "live-secret": { type: "string" },
        unique: { type: "boolean", default: false },
        double: { type: "boolean", default: false },
        shuffle: { type: "string" },
        concurrency: { type: "string", default: "8" },
        count: { type: "string" },
        organizations: { type: "string", default: "100" },
      },
    });
  } catch (error) {
    return leave(`${error instanceof Error ? error.message : error}\n\n${USAGE}`, 2);
  }
}

async function generateOrLeave(): Promise<never> {
  const { count, organizations } = values;
  if (count === undefined) leave(USAGE, 2);
  const { generate } = await import("./generate/command.ts");
  try {
    return leave(await generate({ count, organizations }), 0);
  } catch (error) {
    if (error instanceof AppError) return leave(error.message, 1);
    throw error;
  }
}

function filesUnder(given: string): string[] {
  const entry = statSync(given, { throwIfNoEntry: false });
  if (!entry) return leave(`There is no file called ${given}.`, 1);
  if (!entry.isDirectory()) return [given];
  return readdirSync(given, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => path.join(given, name));
}

/** A file that is no JSON is posted as it is: what Billhook makes of it may be the question. */
function read(file: string): Recorded {
  const body = readFileSync(file);
  const json = parse(body);
  return { file, body, isLive: json?.livemode === true };
}

function parse(body: Buffer): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(body.toString());
    return typeof json === "object" && json !== null ? { ...json } : undefined;
  } catch {
    return undefined;
  }
}

function arrange(recorded: readonly Recorded[]): Recorded[] {
  const named = values.unique ? recorded.map(withNewId) : [...recorded];
  const all = values.double ? named.flatMap((each) => [each, each]) : named;
  return values.shuffle === undefined ? all : shuffled(all, values.shuffle);
}

function withNewId(event: Recorded): Recorded {
  const json = parse(event.body);
  if (typeof json?.id !== "string") return event;
  const id = `${json.id}_${randomBytes(6).toString("hex")}`;
  return { ...event, body: Buffer.from(JSON.stringify({ ...json, id }, null, 2)) };
}

/** The same order for the same seed, anywhere. */
function shuffled<T>(items: readonly T[], seed: string): T[] {
  return items
    .map((item, place) => ({
      item,
      key: createHmac("sha256", seed).update(String(place)).digest("hex"),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}

function secretOf(event: Recorded): string | undefined {
  return event.isLive ? values["live-secret"] : (values.secret ?? config().stripe.webhookSecret);
}

function requireSecrets(recorded: readonly Recorded[]): void {
  const without = recorded.filter((event) => !secretOf(event));
  const live = without.filter(({ isLive }) => isLive).length;
  const test = without.length - live;
  if (test > 0) leave(`${test} of these events are of test mode: pass --secret whsec_….`, 2);
  if (live > 0) leave(`${live} of these events are of live mode: pass --live-secret whsec_….`, 2);
}

async function postAll(recorded: readonly Recorded[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  const waiting = [...recorded];
  const progress = setInterval(() => {
    process.stderr.write(`posted ${answers.length} of ${recorded.length} …\n`);
  }, 1_000);
  const post = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      answers.push(await postOne(next));
  };
  const atOnce = Math.min(Math.max(1, Number(values.concurrency) || 1), 256);
  await Promise.all(Array.from({ length: atOnce }, post));
  clearInterval(progress);
  return answers;
}

async function postOne(event: Recorded): Promise<Answer> {
  const time = Math.floor(Date.now() / 1_000);
  const signature = createHmac("sha256", secretOf(event) ?? "")
    .update(`${time}.`)
    .update(event.body)
    .digest("hex");
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json; charset=utf-8",
        "stripe-signature": `t=${time},v1=${signature}`,
        "user-agent": "billhook-events/1",
      },
      body: new Uint8Array(event.body),
      redirect: "manual",
      signal: AbortSignal.timeout(30_000),
    });
    const said = parse(Buffer.from(await response.arrayBuffer()));
    const detail = response.ok ? "received" : String(said?.error ?? response.statusText);
    return { file: event.file, outcome: `${response.status} ${detail}`, isFine: response.ok };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const because = cause instanceof Error ? cause.message : String(cause);
    return { file: event.file, outcome: `no answer (${because})`, isFine: false };
  }
}

function report(answers: readonly Answer[]): void {
  const seconds = (performance.now() - began) / 1_000;
  const byOutcome = Map.groupBy(answers, ({ outcome }) => outcome);
  const lines = [...byOutcome].map(([outcome, all]) => {
    const example = all[0]?.isFine ? "" : `, such as ${all[0]?.file}`;
    return `  ${String(all.length).padStart(6)}  ${outcome}${example}`;
  });
  const rate = Math.round(answers.length / Math.max(seconds, 0.001));
  process.stdout.write(
    `${answers.length} posted to ${url} in ${seconds.toFixed(1)} s (${rate}/s):\n${lines.join("\n")}\n`,
  );
  process.exitCode = answers.every(({ isFine }) => isFine) ? 0 : 1;
}

function defaultUrl(): string {
  const { publicUrl, port } = config();
  return `${publicUrl ?? `http://127.0.0.1:${port}`}/api/webhooks/stripe`;
}

function leave(sentence: string, code: number): never {
  (code === 0 ? process.stdout : process.stderr).write(`${sentence}\n`);
  process.exit(code);
}
