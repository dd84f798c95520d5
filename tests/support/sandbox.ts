import Stripe from "stripe";
import { createSandbox, type Sandbox, type SandboxOptions } from "#sandbox/server.ts";

export type Box = Sandbox & {
  /** The official client, pointed at the sandbox; it tries nothing twice. */
  readonly stripe: Stripe;
  /** A raw call as a form, for what the official client would not send. */
  post(path: string, form: string, headers?: Record<string, string>): Promise<Said>;
  get(path: string, headers?: Record<string, string>): Promise<Said>;
  /** The sandbox's own control API: reads without a body, and does with one. */
  control(path: string, body?: object, headers?: Record<string, string>): Promise<Said>;
};

export type Said = {
  readonly status: number;
  readonly headers: Headers;
  readonly json: unknown;
};

export const KEY = "sk_test_sandbox0123456789";

/** Starts a sandbox of a test's own; close it after. Ids repeat with the seed. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Box> {
  const sandbox = await createSandbox({ seed: 7, ...options });
  async function call(path: string, init: RequestInit): Promise<Said> {
    const answer = await fetch(`${sandbox.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${KEY}`, ...init.headers },
    });
    const said = await answer.text();
    return { status: answer.status, headers: answer.headers, json: JSON.parse(said) };
  }
  return {
    ...sandbox,
    stripe: clientOf(sandbox.url),
    post: (path, form, headers = {}) =>
      call(path, {
        method: "POST",
        body: form,
        headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      }),
    get: (path, headers = {}) => call(path, { headers }),
    control: (path, body, headers = {}) =>
      call(`/_sandbox/api${path}`, {
        headers,
        ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      }),
  };
}

/** The official client for a sandbox at an address. */
export function clientOf(url: string, key = KEY, options: Stripe.StripeConfig = {}): Stripe {
  const { hostname, port } = new URL(url);
  return new Stripe(key, {
    host: hostname,
    port,
    protocol: "http",
    maxNetworkRetries: 0,
    ...options,
  });
}

/** How the sandbox refused, as the official client tells it. */
export function failureOf(work: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  return work.then(
    () => {
      throw new Error("This was not refused.");
    },
    (thrown) => thrown,
  );
}

/** The types of all events that were made, in their order. */
export function eventTypes(box: Box): string[] {
  return box.world.all("event").map(({ type }) => type);
}
