import { setTimeout as wait } from "node:timers/promises";
import type { Context } from "hono";
import type { Box } from "../box.ts";
import { answerCall, refusal } from "./answer.ts";
import type { Answer, Asked } from "./call.ts";
import { StripeError } from "./errors.ts";
import { inUse } from "./idempotency.ts";
import type { Found } from "./routes.ts";
import { API_VERSION } from "./version.ts";

/**
 * How long a call whose key the caller chose is held before it is done. Stripe takes longer than this for
 * anything; without it no second call could ever meet the first one under way.
 */
const HOLD_MILLISECONDS = 5;
/** The official client names each call by itself; those are never sent twice at once. */
const BY_CLIENT = "stripe-node-retry-";

type Find = (method: string, address: string) => Found | undefined;

/** Answers a call over HTTP: through the faults, one at a time per idempotency key. */
export async function serveCall(box: Box, find: Find, { req }: Context): Promise<Response> {
  const started = Date.now();
  const asked = await read(box, req);
  const { pathname, search } = new URL(req.url);
  const call: Asked = {
    method: req.method,
    address: pathname,
    query: search.slice(1),
    header: (name) => req.header(name),
    body: asked.body,
  };
  const answer = asked.refused ?? (await through(box, find, call));
  if (asked.key !== undefined) box.idempotency.end(asked.key);
  note(box, call, answer, started);
  return new Response(answer.body, { status: answer.status, headers: answer.headers });
}

type Read = { readonly body: string; readonly key?: string; readonly refused?: Answer };

async function read({ world, idempotency }: Box, req: Context["req"]): Promise<Read> {
  const key = req.method === "POST" ? req.header("idempotency-key") : undefined;
  if (key === undefined) return { body: await req.text() };
  if (!idempotency.begin(key)) {
    const refused = refusal(inUse(key), world.newId("req", 14), API_VERSION);
    return { body: await req.text(), refused };
  }
  const body = await req.text();
  if (!key.startsWith(BY_CLIENT)) await wait(HOLD_MILLISECONDS);
  return { body, key };
}

async function through(box: Box, find: Find, call: Asked): Promise<Answer> {
  const { error, rateLimit, timeout, timeoutMilliseconds } = box.faults.now().calls;
  const requestId = () => box.world.newId("req", 14);
  if (box.faults.hits(error)) return refusal(FAILED, requestId(), API_VERSION);
  if (box.faults.hits(rateLimit)) return refusal(LIMITED, requestId(), API_VERSION);
  box.tick();
  const answer = answerCall({ ...box, find }, call);
  setImmediate(box.tick);
  if (!box.faults.hits(timeout)) return answer;
  await wait(timeoutMilliseconds, undefined, { ref: false });
  return refusal(TIMED_OUT, requestId(), API_VERSION);
}

const FAILED = new StripeError(500, {
  type: "api_error",
  message: "An unknown error occurred. (A fault that is switched on in the sandbox.)",
});
const LIMITED = new StripeError(429, {
  type: "invalid_request_error",
  code: "rate_limit",
  message:
    "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
});
const TIMED_OUT = new StripeError(504, {
  type: "api_error",
  message: "The request timed out. (A fault that is switched on in the sandbox.)",
});

function note({ calls }: Box, asked: Asked, answer: Answer, started: number): void {
  calls.add({
    id: answer.headers["request-id"] ?? "",
    at: started,
    method: asked.method,
    address: asked.address,
    query: asked.query,
    params: asked.body,
    idempotencyKey: asked.header("idempotency-key") ?? null,
    status: answer.status,
    error: answer.status < 400 ? null : answer.body,
    milliseconds: Date.now() - started,
  });
}
