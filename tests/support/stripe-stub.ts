import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { StripeObject } from "./stripe-objects.ts";

/** One request that the stub was sent. */
export type StubRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly apiVersion: string | undefined;
  readonly key: string | undefined;
};

type Failure = {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
};

/** Stripe's API as far as Billhook reads it, over real HTTP, with a state that a test writes. */
export type StripeStub = {
  /** For `Connection.apiBase`. */
  readonly url: string;
  readonly requests: readonly StubRequest[];
  /** Puts an object there, or in the place of the one with its id. */
  set(...objects: readonly StripeObject[]): void;
  /** From now on nobody knows it: 404. */
  remove(id: string): void;
  /** From now on it answers `deleted: true`. */
  deleted(id: string): void;
  /** Fails the next `which` requests, or all that a test picks until `recover`. */
  fail(
    which: number | ((request: StubRequest) => boolean),
    status: number,
    options?: { headers?: Record<string, string>; body?: string },
  ): void;
  recover(): void;
  /** Makes every answer wait; what it answers is read when the wait is over. */
  delay(ms: number): void;
  /** Makes every answer wait after its content was decided: how a stale answer comes about. */
  delayAfterRead(ms: number): void;
  /** Makes each request wait for a test's word, before its answer is decided and again before it is sent. */
  hold(
    gate: ((request: StubRequest, moment: "asked" | "decided") => Promise<void>) | undefined,
  ): void;
  stop(): Promise<void>;
};

/** Starts a stub on a free port of 127.0.0.1. Only the given keys are known, by default any well-formed one. */
export async function startStripeStub(
  options: { account?: string; keys?: readonly string[] } = {},
): Promise<StripeStub> {
  const objects = new Map<string, StripeObject>();
  const requests: StubRequest[] = [];
  const account = options.account ?? "acct_stub";
  let remaining: { count: number; failure: Failure } | undefined;
  let rule: { picks: (request: StubRequest) => boolean; failure: Failure } | undefined;
  const wait = { before: 0, after: 0 };
  let gate: Parameters<StripeStub["hold"]>[0];

  function failureFor(request: StubRequest): Failure | undefined {
    if (remaining && remaining.count > 0) {
      remaining.count -= 1;
      return remaining.failure;
    }
    return rule?.picks(request) ? rule.failure : undefined;
  }

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = describe(message);
    requests.push(request);
    await gate?.(request, "asked");
    if (wait.before) await pause(wait.before);
    const failure = failureFor(request);
    const answer = failure
      ? { ...failure, body: failure.body ?? envelope("api_error", undefined, "Scripted failure.") }
      : answerTo(request, { objects, account, keys: options.keys });
    await gate?.(request, "decided");
    if (wait.after) await pause(wait.after);
    response.writeHead(answer.status, {
      "content-type": "application/json",
      "request-id": `req_${requests.length}`,
      ...answer.headers,
    });
    response.end(answer.body);
  }

  const server = createServer((message, response) => {
    handle(message, response).catch((error: unknown) => response.destroy(asError(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    set: (...many) => {
      for (const object of many) objects.set(object.id, structuredClone(object));
    },
    remove: (id) => void objects.delete(id),
    deleted: (id) => {
      const object = objects.get(id)?.object ?? "customer";
      objects.set(id, { id, object, deleted: true });
    },
    fail: (which, status, { headers = {}, body } = {}) => {
      const failure = { status, headers, body };
      if (typeof which === "number") remaining = { count: which, failure };
      else rule = { picks: which, failure };
    },
    recover: () => {
      remaining = undefined;
      rule = undefined;
    },
    delay: (ms) => {
      wait.before = ms;
    },
    delayAfterRead: (ms) => {
      wait.after = ms;
    },
    hold: (next) => {
      gate = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type State = {
  readonly objects: ReadonlyMap<string, StripeObject>;
  readonly account: string;
  readonly keys: readonly string[] | undefined;
};
type Answer = { status: number; headers: Record<string, string>; body: string };

function answerTo(request: StubRequest, state: State): Answer {
  const { key = "" } = request;
  const isKnown = state.keys ? state.keys.includes(key) : /^(?:sk|rk)_(?:test|live)_\w+$/.test(key);
  if (!isKnown) return failed(401, undefined, "Invalid API Key provided: ****");
  if (request.method !== "GET") return failed(405, undefined, "The stub only reads.");
  const [, name = "", id, under] =
    /^\/v1\/(checkout\/sessions|[a-z_]+)(?:\/([^/]+))?(?:\/([a-z_]+))?$/.exec(request.path) ?? [];
  if (name === "account" && !id) return ok({ id: state.account, object: "account" });
  if (name === "balance" && !id) return ok({ object: "balance", livemode: key.includes("_live_") });
  const kind = KINDS.get(name);
  if (!kind) return failed(404, undefined, `Unrecognized request URL (GET: ${request.path}).`);
  const visible = [...state.objects.values()].filter(
    (object) => object.livemode === undefined || object.livemode === key.includes("_live_"),
  );
  if (!id)
    return ok(
      page(
        visible.filter((each) => matches(each, kind, request.query)),
        request,
      ),
    );
  const object = visible.find((each) => each.id === decodeURIComponent(id) && each.object === kind);
  if (!object) return failed(404, "resource_missing", `No such ${kind}: '${id}'`);
  if (under === "lines") return ok(page(linesOf(object), request));
  return ok(expand(trimmed(object), request.query, state.objects));
}

/** An invoice carries its first ten lines only, as Stripe's does; the rest has to be asked for. */
function trimmed(object: StripeObject): StripeObject {
  const lines = linesOf(object);
  if (object.object !== "invoice" || lines.length <= 10) return object;
  return { ...object, lines: { object: "list", data: lines.slice(0, 10), has_more: true } };
}

function linesOf(object: StripeObject): StripeObject[] {
  const { lines } = object;
  if (typeof lines !== "object" || lines === null || !("data" in lines)) return [];
  return Array.isArray(lines.data) ? lines.data : [];
}

/** Filters that Billhook uses: `payment[payment_intent]`, `customer`, `subscription`, `invoice`. */
function matches(object: StripeObject, kind: string, query: URLSearchParams): boolean {
  if (object.object !== kind) return false;
  const intent = query.get("payment[payment_intent]");
  const { payment } = object;
  if (intent) {
    return (
      typeof payment === "object" &&
      payment !== null &&
      "payment_intent" in payment &&
      payment.payment_intent === intent
    );
  }
  return ["customer", "subscription", "invoice"].every(
    (name) => !query.has(name) || object[name] === query.get(name),
  );
}

function page(all: readonly StripeObject[], { path, query }: StubRequest): unknown {
  const after = query.get("starting_after");
  const start = after ? all.findIndex((each) => each.id === after) + 1 : 0;
  const limit = Number(query.get("limit") ?? 10);
  const data = all.slice(start, start + limit);
  return { object: "list", url: path, data, has_more: start + limit < all.length };
}

/** One level deep, and `line_items` only where asked for. */
function expand(
  object: StripeObject,
  query: URLSearchParams,
  objects: ReadonlyMap<string, StripeObject>,
): StripeObject {
  const { line_items: lines, payments, ...answer } = object;
  for (const [name, member] of query) {
    if (!name.startsWith("expand[")) continue;
    if (member === "line_items" && lines) answer.line_items = lines;
    if (member === "payments") answer.payments = payments ?? { object: "list", data: [] };
    const ref = answer[member];
    const found = typeof ref === "string" ? objects.get(ref) : undefined;
    if (found) answer[member] = found;
  }
  return { ...answer, id: object.id, object: object.object };
}

function describe(message: IncomingMessage): StubRequest {
  const url = new URL(message.url ?? "/", "http://stub");
  const version = message.headers["stripe-version"];
  return {
    method: message.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    apiVersion: typeof version === "string" ? version : undefined,
    key: /^Bearer (.+)$/.exec(message.headers.authorization ?? "")?.[1],
  };
}

function ok(body: unknown): Answer {
  return { status: 200, headers: {}, body: JSON.stringify(body) };
}

function failed(status: number, code: string | undefined, message: string): Answer {
  return { status, headers: {}, body: envelope("invalid_request_error", code, message) };
}

function envelope(type: string, code: string | undefined, message: string): string {
  return JSON.stringify({ error: { type, code, message } });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ["customers", "customer"],
  ["subscriptions", "subscription"],
  ["subscription_items", "subscription_item"],
  ["invoices", "invoice"],
  ["payment_intents", "payment_intent"],
  ["charges", "charge"],
  ["refunds", "refund"],
  ["disputes", "dispute"],
  ["checkout/sessions", "checkout.session"],
  ["prices", "price"],
  ["products", "product"],
  ["invoice_payments", "invoice_payment"],
  ["payment_methods", "payment_method"],
]);
