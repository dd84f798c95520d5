import { z } from "zod";
import type { World } from "../state/world.ts";
import { authenticate } from "./authentication.ts";
import { type ErrorBody, invalid, StripeError } from "./errors.ts";
import { type Form, readForm } from "./form.ts";
import { refusalOf } from "./issues.ts";
import { render } from "./render.ts";
import { checkContentType, type Found, nothingAt } from "./routes.ts";
import { API_VERSION, versionAsked } from "./version.ts";

/** One HTTP request, as far as the protocol cares. */
export type Asked = {
  readonly method: string;
  /** The address without its query. */
  readonly address: string;
  readonly query: string;
  readonly header: (name: string) => string | undefined;
  readonly body: string;
};

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** What a call needs to be answered. */
export type Desk = {
  readonly world: World;
  readonly origin: () => string;
  readonly find: (method: string, address: string) => Found | undefined;
};

/** Answers one call of the API: always in JSON, every refusal in Stripe's envelope. */
export function answerCall(desk: Desk, asked: Asked): Answer {
  const requestId = desk.world.newId("req", 14);
  let version: string = API_VERSION;
  try {
    authenticate(asked.header("authorization"));
    version = versionAsked(asked.header("stripe-version"));
    const body = run(desk, asked, requestId);
    return answer(200, body, requestId, version);
  } catch (error) {
    const refusal = asRefusal(error);
    return answer(refusal.status, { error: envelope(refusal.body) }, requestId, version);
  }
}

function run({ world, find, origin }: Desk, asked: Asked, requestId: string): unknown {
  const found = find(asked.method, asked.address);
  if (!found) throw nothingAt(asked.method, asked.address);
  const { expand, params } = paramsOf(asked);
  const cause = { id: requestId, idempotency_key: asked.header("idempotency-key") ?? null };
  const { operation, path } = found;
  return world.act(cause, () => {
    try {
      const result = operation.run({ world, params, path, origin: origin() });
      return render(world, result, expand);
    } catch (error) {
      throw error instanceof z.core.$ZodError ? refusalOf(error, params) : error;
    }
  });
}

function paramsOf(asked: Asked): { expand: string[]; params: Form } {
  if (asked.method === "POST") checkContentType(asked.header("content-type"));
  const { expand = [], ...params } = { ...readForm(asked.query), ...readForm(asked.body) };
  const paths = z.array(z.string()).safeParse(expand);
  if (!paths.success) throw invalid("Invalid array", { param: "expand" });
  return { expand: paths.data, params };
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

function answer(status: number, body: unknown, requestId: string, version: string): Answer {
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
