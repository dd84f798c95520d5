import { type ChildProcess, spawn } from "node:child_process";
import Stripe from "stripe";
import { type DemoGateway, lookupKeyOf } from "#db/seed.ts";
import { DEMO } from "#db/seed-data.ts";
import { onceKeyOf } from "#db/seed-products.ts";

/** The demo's gateway: a sandbox in a process of its own, reached over HTTP as Stripe would be. */
export type DemoSandbox = {
  readonly url: string;
  readonly stripe: Stripe;
  readonly child: ChildProcess;
  /** Asks the sandbox for something that Stripe has no call for. */
  control(path: string, body: object): Promise<unknown>;
};

export const SANDBOX_KEY = "sk_test_sandbox0123456789";

/** Starts it and waits until it answers. What was sold in it before is there again. */
export async function startSandbox(options: {
  port: number;
  snapshot: string;
}): Promise<DemoSandbox> {
  const args = ["--port", String(options.port), "--snapshot", options.snapshot];
  const child = spawn(process.execPath, ["sandbox/main.ts", ...args], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${options.port}`;
  const stripe = new Stripe(SANDBOX_KEY, {
    host: "127.0.0.1",
    port: options.port,
    protocol: "http",
  });
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null || tries > 100) throw new Error("The sandbox did not start.");
    const answer = await fetch(`${url}/_sandbox/api/state`).catch(() => undefined);
    if (answer?.ok) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  const control = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${url}/_sandbox/api/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`The sandbox refused ${path}: ${await answer.text()}`);
    return answer.json();
  };
  return { url, stripe, child, control };
}

/** The demo's plans as products and prices of the gateway: made once, found by their lookup keys after. */
export async function sellPlans({ url, stripe }: DemoSandbox): Promise<DemoGateway> {
  const prices = new Map<string, { ref: string; productRef: string }>();
  for await (const price of stripe.prices.list({ limit: 100 })) {
    if (price.lookup_key) prices.set(price.lookup_key, named(price));
  }
  for (const plan of DEMO.plans) {
    const missing = plan.prices.filter((price) => !prices.has(lookupKeyOf(plan.code, price)));
    if (missing.length === 0) continue;
    const { name, description } = plan;
    const product = await stripe.products.create({ name, description });
    for (const { currency, interval, amountMinor } of missing) {
      const lookupKey = lookupKeyOf(plan.code, { currency, interval, amountMinor });
      const price = await stripe.prices.create({
        product: product.id,
        currency: currency.toLowerCase(),
        unit_amount: amountMinor,
        recurring: { interval },
        lookup_key: lookupKey,
      });
      prices.set(lookupKey, named(price));
    }
  }
  await sellOnce(stripe, prices);
  return { apiBase: url, apiKey: SANDBOX_KEY, prices };
}

async function sellOnce(
  stripe: Stripe,
  prices: Map<string, { ref: string; productRef: string }>,
): Promise<void> {
  for (const { code, name, prices: asked } of DEMO.products) {
    const missing = asked.filter(({ currency }) => !prices.has(onceKeyOf(code, currency)));
    if (missing.length === 0) continue;
    const product = await stripe.products.create({ name });
    for (const { currency, amountMinor } of missing) {
      const price = await stripe.prices.create({
        product: product.id,
        currency: currency.toLowerCase(),
        unit_amount: amountMinor,
        lookup_key: onceKeyOf(code, currency),
      });
      prices.set(onceKeyOf(code, currency), named(price));
    }
  }
}

function named(price: Stripe.Price): { ref: string; productRef: string } {
  const { product } = price;
  return { ref: price.id, productRef: typeof product === "string" ? product : product.id };
}

/** Tells the sandbox where to deliver, replacing what an earlier demo told it. */
export async function deliverTo(
  { stripe, control }: DemoSandbox,
  url: string,
  secret: string,
): Promise<void> {
  for await (const endpoint of stripe.webhookEndpoints.list()) {
    await stripe.webhookEndpoints.del(endpoint.id);
  }
  await control("endpoints", { url, secret });
}
