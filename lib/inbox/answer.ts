/** What a webhook request is answered with, at either entrance. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** The largest body that is read. Stripe's events are a few kilobytes. */
export const BODY_BYTES_MAX = 1_048_576;
/** How long a body may take to arrive. */
export const BODY_TIME_LIMIT_MS = 10_000;

const HEADERS = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

export const received: Answer = { status: 200, headers: HEADERS, body: '{"received":true}' };

/** A refusal: the status, and a code that says why. */
export function refused(
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, headers: { ...HEADERS, ...headers }, body: JSON.stringify({ error: code }) };
}

export const tooLarge = refused(413, "body_too_large");
export const tooSlow = refused(408, "body_too_slow");
export const wrongMethod = refused(405, "method_not_allowed", { allow: "POST" });
/** Stripe tries again by itself; others are told when. */
export const notNow = refused(503, "not_now", { "retry-after": "5" });
