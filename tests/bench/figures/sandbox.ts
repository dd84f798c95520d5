import { spawn } from "node:child_process";
import path from "node:path";
import { childEnvironment } from "#lib/config.ts";
import { cpuMs } from "../cpu.ts";
import type { Figure } from "../figure.ts";
import { medianAndRange, table, whole } from "../numbers.ts";
import { freePort } from "../process.ts";

const MAIN = path.resolve(import.meta.dirname, "../../../sandbox/main.ts");
const STARTS = 5;
const CALLS = 4_000;
/** Customers that are there, and how many of them are subscribed. */
const WORLDS = [
  { customers: 0, subscribed: 0 },
  { customers: 5_000, subscribed: 0 },
  { customers: 5_000, subscribed: 1_000 },
] as const;
const AT_ONCE = 4;

type Served = { readonly pid: number; readonly url: string; readonly startMs: number };

type Mix = { readonly perSecond: number; readonly cpuMsEach: number | undefined };
type SandboxRun = {
  readonly startsMs: readonly number[];
  readonly worlds: readonly (Mix & { readonly customers: number; readonly subscribed: number })[];
};

/** How soon the sandbox answers after its start, and how many calls a second it answers then. */
export const sandbox: Figure<SandboxRun> = {
  name: "sandbox",
  heading: "The sandbox",
  async measure({ say }) {
    const startsMs: number[] = [];
    for (let start = 0; start < STARTS; start += 1) {
      await served(async ({ startMs }) => void startsMs.push(startMs));
    }
    const worlds: SandboxRun["worlds"][number][] = [];
    for (const { customers, subscribed } of WORLDS) {
      say(`asking a sandbox with ${customers} customers, ${subscribed} of them subscribed …`);
      const mix = await served(async (sandbox) => {
        await populate(sandbox, customers, subscribed);
        return measureMix(sandbox);
      });
      worlds.push({ customers, subscribed, ...mix });
    }
    return { startsMs, worlds };
  },
  report({ startsMs, worlds }) {
    const calls = worlds.map(({ perSecond }) => perSecond);
    const rows = worlds.map(({ customers, subscribed, perSecond, cpuMsEach }) => [
      whole(customers),
      whole(subscribed),
      whole(perSecond),
      cpuMsEach?.toFixed(2) ?? "–",
    ]);
    return {
      figures: [
        {
          what: "from its start to its first answer",
          measured: medianAndRange(startsMs, "ms"),
        },
        {
          what: "calls a second, in worlds of 0 to 5,000 customers",
          measured: `${whole(Math.min(...calls))} to ${whole(Math.max(...calls))} calls/s`,
        },
      ],
      body: `${CALLS.toLocaleString("en")} calls, ${AT_ONCE} at once, over HTTP: customers created with a card, retrieved, changed and listed, in turns, and
one in ten a subscription; every one must be answered 200. It runs on one core; the caller runs beside it, in a process of its own.

${table(["customers there", "subscribed", "calls /s", "processor ms each"], rows)}`,
    };
  },
};

async function served<T>(use: (sandbox: Served) => Promise<T>): Promise<T> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, [MAIN, "--port", String(port)], {
    env: childEnvironment({}),
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    while (!(await answers(url))) {
      if (child.exitCode !== null) throw new Error("The sandbox has ended.");
      await new Promise((done) => setTimeout(done, 5));
    }
    return await use({ pid: child.pid ?? 0, url, startMs: performance.now() - began });
  } finally {
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await ended;
  }
}

async function answers(url: string): Promise<boolean> {
  const said = await call(url, "GET", "/v1/customers").catch(() => undefined);
  return said !== undefined;
}

async function populate(sandbox: Served, customers: number, subscribed: number): Promise<void> {
  const price = await priceOf(sandbox);
  await inTurns(customers, async (place) => {
    const customer = await newCustomer(sandbox.url, place);
    if (place < subscribed) await subscribe(sandbox.url, customer, price);
  });
}

async function measureMix(sandbox: Served): Promise<Mix> {
  const { url, pid } = sandbox;
  const price = await priceOf(sandbox);
  const mine: string[] = [];
  const pick = (place: number) => mine[place % mine.length] ?? "";
  const step = async (place: number): Promise<void> => {
    if (place < AT_ONCE || place % 4 === 0) mine.push(await newCustomer(url, place));
    else if (place % 10 === 1) await subscribe(url, pick(place), price);
    else if (place % 4 === 1) await call(url, "GET", `/v1/customers/${pick(place)}`);
    else if (place % 4 === 2) await call(url, "POST", `/v1/customers/${pick(place)}`, "name=Jenny");
    else await call(url, "GET", "/v1/customers?limit=10");
  };
  await inTurns(200, step);
  const [began, before] = [performance.now(), cpuMs([pid])];
  await inTurns(CALLS, step);
  const after = cpuMs([pid]);
  const used = before === undefined || after === undefined ? undefined : after - before;
  return {
    perSecond: (CALLS * 1_000) / (performance.now() - began),
    cpuMsEach: used && used / CALLS,
  };
}

async function priceOf({ url }: Served): Promise<string> {
  const recurring = "recurring[interval]=month&product_data[name]=Pro";
  return call(url, "POST", "/v1/prices", `currency=usd&unit_amount=1000&${recurring}`);
}

async function newCustomer(url: string, place: number): Promise<string> {
  const card = "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa";
  return call(url, "POST", "/v1/customers", `email=c${place}%40example.com&${card}`);
}

function subscribe(url: string, customer: string, price: string): Promise<string> {
  return call(url, "POST", "/v1/subscriptions", `customer=${customer}&items[0][price]=${price}`);
}

/** Answers the id of what was asked for. */
async function call(url: string, method: string, address: string, body?: string): Promise<string> {
  const answer = await fetch(`${url}${address}`, {
    method,
    headers: {
      authorization: "Bearer sk_test_bench",
      "content-type": "application/x-www-form-urlencoded",
    },
    ...(body === undefined ? {} : { body }),
  });
  const said = await answer.text();
  if (answer.status !== 200) throw new Error(`${method} ${address}: ${said}`);
  return /"id": "(\w+)"/.exec(said)?.[1] ?? "";
}

/** So many steps, some at once. */
async function inTurns(count: number, step: (place: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let place = next++; place < count; place = next++) await step(place);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
