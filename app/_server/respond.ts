import { config } from "#lib/config.ts";
import { AppError, type ErrorCode, statusOf } from "#lib/errors.ts";
import { newToken } from "#lib/ids.ts";
import { log } from "#lib/log.ts";
import { isOwnOrigin } from "./origin.ts";

const BODY_MAX_BYTES = 64 * 1024;

/**
 * Where route handlers meet failures: a value becomes JSON, a refusal its status and
 * `{error: {code, message, fields}}`, a bug a 500 with a reference. Changes by a browser must come
 * from a page of ours; `anyOrigin` is for routes that take an API key and never a cookie.
 */
export async function respond(
  request: Request,
  fn: () => Promise<unknown> | unknown,
  options: { anyOrigin?: boolean } = {},
): Promise<Response> {
  try {
    if (!options.anyOrigin) requireOwnPage(request);
    const value = await fn();
    if (value instanceof Response) return value;
    if (value === undefined) return new Response(null, { status: 204, headers: NO_STORE });
    return Response.json(value, { headers: NO_STORE });
  } catch (error) {
    const refusal = error instanceof AppError ? error : refusalOfNext(error);
    if (refusal) return refuse(refusal);
    const reference = newToken().slice(0, 10);
    log().error({ err: error, reference }, "a request failed");
    const message = `Something went wrong on our side. Reference: ${reference}`;
    return Response.json(
      { error: { code: "internal", message, fields: {}, reference } },
      { status: 500, headers: NO_STORE },
    );
  }
}

/** A JSON body; throws `invalid_input` for anything else, and `too_large` before it reads on. */
export async function readJson(request: Request): Promise<unknown> {
  if (!/^application\/(\w+\+)?json\b/i.test(request.headers.get("content-type") ?? "")) {
    throw new AppError(
      "invalid_input",
      "Send JSON, with the header Content-Type: application/json.",
    );
  }
  let size = 0;
  const chunks: Uint8Array[] = [];
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > BODY_MAX_BYTES) throw new AppError("too_large", "The body is longer than 64 KiB.");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw new AppError("invalid_input", "The body is not JSON.", { cause });
  }
}

const NO_STORE = { "cache-control": "no-store" };

/** An API key is never sent by a browser on its own; a cookie is. */
function requireOwnPage(request: Request): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  if (/^Bearer /i.test(request.headers.get("authorization") ?? "")) return;
  if (isOwnOrigin(request.headers, config())) return;
  throw new AppError("not_allowed", "This request did not come from a page of this site.");
}

function refuse({ code, message, fields, retryAfterSeconds }: AppError): Response {
  const wait = retryAfterSeconds ? { "retry-after": String(retryAfterSeconds) } : {};
  return Response.json(
    { error: { code, message, fields } },
    { status: statusOf(code), headers: { ...NO_STORE, ...wait } },
  );
}

/** The guards speak to pages: their "go and sign in" and "not found", said as an API says it. */
function refusalOfNext(error: unknown): AppError | undefined {
  const digest = error instanceof Error && "digest" in error ? String(error.digest) : "";
  const [kind, code] = digest.split(";");
  const said = (as: ErrorCode, message: string) => new AppError(as, message, { cause: error });
  if (kind === "NEXT_REDIRECT") return said("not_signed_in", "Sign in first.");
  if (kind !== "NEXT_HTTP_ERROR_FALLBACK") return undefined;
  return code === "404" ? said("not_found", "There is nothing here.") : undefined;
}
