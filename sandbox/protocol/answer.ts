import { z } from "zod";
import type { World } from "../state/world.ts";
import { authenticate } from "./authentication.ts";
import type { Answer, Asked } from "./call.ts";
import { type ErrorBody, invalid, StripeError } from "./errors.ts";
import { type Form, readForm } from "./form.ts";
import type { Idempotency } from "./idempotency.ts";
import { refusalOf } from "./issues.ts";
import { inNewestWords } from "./older/params.ts";
import { render } from "./render.ts";
import { checkContentType, type Found, nothingAt } from "./routes.ts";
import { API_VERSION, versionAsked } from "./version.ts";

/** What a call needs to be answered. */
export type Desk = {
  readonly world: World;
  readonly origin: () => string;
  readonly idempotency: Idempotency;
  readonly find: (method: string, address: string) => Found | undefined;
};

/** Answers one call of the API: always in JSON, every refusal in Stripe's envelope. */
export function answerCall(desk: Desk, asked: Asked): Answer {
  const requestId = desk.world.newId("req", 14);
  let version: string = API_VERSION;
  try {
    authenticate(asked.header("authorization"));
    version = versionAsked(asked.header("stripe-version"));
    const found = desk.find(asked.method, asked.address);
    if (!found) throw nothingAt(asked.method, asked.address);
    return once(desk, asked, () => execute(desk, asked, found, requestId, version));
  } catch (error) {
    return refusal(asRefusal(error), requestId, version);
  }
}

/** An answer, and whether the operation had begun: one that had not may be asked for again with its key. */
type Executed = { readonly answer: Answer; readonly hasBegun: boolean };

function once({ idempotency }: Desk, asked: Asked, work: () => Executed): Answer {
  const key = asked.method === "POST" ? asked.header("idempotency-key") : undefined;
  const earlier = key === undefined ? undefined : idempotency.recall(key, asked);
  if (earlier) return earlier;
  const { answer, hasBegun } = work();
  if (key === undefined) return answer;
  const named = { ...answer, headers: { ...answer.headers, "idempotency-key": key } };
  if (hasBegun) idempotency.keep(key, asked, named);
  return named;
}

function execute(
  { world, origin }: Desk,
  asked: Asked,
  { operation, path }: Found,
  requestId: string,
  version: string,
): Executed {
  const { expand, params } = paramsOf(asked);
  const cause = { id: requestId, idempotency_key: asked.header("idempotency-key") ?? null };
  try {
    const body = world.act(cause, () =>
      render(world, operation.run({ world, params, path, origin: origin() }), expand, version),
    );
    return { answer: reply(200, body, requestId, version), hasBegun: true };
  } catch (error) {
    const isUnread = error instanceof z.core.$ZodError;
    const refused = isUnread ? refusalOf(error, params) : asRefusal(error);
    return { answer: refusal(refused, requestId, version), hasBegun: !isUnread };
  }
}

function paramsOf(asked: Asked): { expand: string[]; params: Form } {
  if (asked.method === "POST") checkContentType(asked.header("content-type"));
  const { expand = [], ...params } = { ...readForm(asked.query), ...readForm(asked.body) };
  const paths = z.array(z.string()).safeParse(expand);
  if (!paths.success) throw invalid("Invalid array", { param: "expand" });
  const version = asked.header("stripe-version");
  return { expand: paths.data, params: inNewestWords(asked, params, version) };
}

function asRefusal(error: unknown): StripeError {
  if (error instanceof StripeError) return error;
  console.error(error);
  return new StripeError(500, {
    type: "api_error",
    message: `The sandbox failed; this is a bug in it: ${error instanceof Error ? error.message : error}`,
  });
}

function envelope(body: ErrorBody): ErrorBody {
  if (body.code === undefined || body.code.startsWith("sandbox_")) return body;
  return {
    doc_url: `https://stripe.com/docs/error-codes/${body.code.replaceAll("_", "-")}`,
    ...body,
  };
}

/** A refusal as it goes out. */
export function refusal({ status, body }: StripeError, requestId: string, version: string): Answer {
  const answer = reply(status, { error: envelope(body) }, requestId, version);
  return { ...answer, headers: { ...answer.headers, ...HINTS[status] } };
}

/** What Stripe's headers say besides: how to come in, and whether to try again. */
const HINTS: Readonly<Record<number, Record<string, string>>> = {
  401: { "www-authenticate": 'Basic realm="Stripe"' },
  409: { "stripe-should-retry": "true" },
};

function reply(status: number, body: unknown, requestId: string, version: string): Answer {
  return {
    status,
    headers: {
      "content-type": "application/json",
      "request-id": requestId,
      "stripe-version": version,
      "cache-control": "no-cache, no-store",
    },
    body: JSON.stringify(body, null, 2),
  };
}
