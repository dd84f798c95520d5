import Stripe from "stripe";
import { AppError } from "#lib/errors.ts";

/** Whether Stripe says that it knows no such object for this key. An unknown path is not that. */
export function isUnknownObject(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripeError &&
    error.statusCode === 404 &&
    error.code === "resource_missing"
  );
}

/** Whether Stripe refuses to put into an answer what it has no more. */
export function cannotExpand(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripeError &&
    error.statusCode === 400 &&
    error.message.includes("cannot be expanded")
  );
}

/** Whether the key is a real one that may not do this. */
export function isForbidden(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && error.statusCode === 403;
}

/**
 * What went wrong with a call, in our words: `gateway_unavailable` for what time mends, `gateway_unsure`
 * where no later answer will tell either, else `gateway_refused`.
 */
export function failureOf(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  if (!(cause instanceof Stripe.errors.StripeError)) {
    return unavailable("Stripe's answer could not be read.", cause);
  }
  const status = cause.statusCode;
  if (cause instanceof Stripe.errors.StripeConnectionError) {
    if (cause.detail instanceof AppError) return cause.detail;
    return unavailable("Stripe could not be reached, or did not answer in time.", cause);
  }
  if (status === undefined) return unavailable("Stripe's answer could not be read.", cause);
  if (cause instanceof Stripe.errors.StripeRateLimitError) {
    return unavailable("Stripe asks for fewer requests.", cause, retryAfter(cause));
  }
  if (isBeyondKnowing(cause)) {
    return new AppError("gateway_unsure", "Stripe does not say what came of it.", { cause });
  }
  if (status === 409 || status >= 500) {
    return unavailable(
      `Stripe answers with status ${status} at the moment.`,
      cause,
      retryAfter(cause),
    );
  }
  if (status === 401) {
    return refusedKey(
      "Stripe does not know this API key: it was revoked, or not copied whole. Set another under Settings › Gateways.",
      cause,
    );
  }
  if (status === 403) {
    return refusedKey(
      `This API key may not do that; widen its permissions in Stripe. ${said(cause)}`,
      cause,
    );
  }
  return refused(`Stripe refuses the request. ${said(cause)}`, cause);
}

/**
 * Whether asking again under the same key says nothing new: Stripe repeats a failure for as long as it
 * remembers the key, and refuses a key that was first used for something else, which may well be done.
 */
function isBeyondKnowing(cause: Stripe.errors.StripeError): boolean {
  if (cause.statusCode === 400) return cause instanceof Stripe.errors.StripeIdempotencyError;
  return (cause.statusCode ?? 0) >= 500 && cause.headers?.["idempotent-replayed"] === "true";
}

/** An answer that is not what was asked for: believed to pass, as after a deployment of theirs. */
export function wrongAnswer(asked: string): AppError {
  return new AppError("gateway_unavailable", `Stripe answered with something other than ${asked}.`);
}

/** What came back is no JSON object: a proxy's page, or a wrong address. */
export function notStripe(status: number): AppError {
  return new AppError(
    "gateway_unavailable",
    `Something that is not Stripe's API answered in its place, with status ${status}.`,
  );
}

function unavailable(sentence: string, cause: unknown, retryAfterSeconds?: number): AppError {
  return new AppError("gateway_unavailable", sentence, { cause, retryAfterSeconds });
}

function refused(sentence: string, cause: unknown): AppError {
  return new AppError("gateway_refused", sentence.trim(), { cause });
}

function refusedKey(sentence: string, cause: unknown): AppError {
  return new AppError("gateway_refused", sentence.trim(), { cause, refusesWhoAsks: true });
}

/** Stripe's own sentence. It masks keys itself; this makes sure. */
function said({ message }: { message: string }): string {
  const safe = message.replaceAll(/\b(?:sk|rk|pk|whsec)_[\w*]+/g, "[key]").slice(0, 300);
  return safe && `Stripe says: ${safe}`;
}

function retryAfter({ headers }: { headers?: Record<string, string> }): number | undefined {
  const seconds = Number(headers?.["retry-after"]);
  return Number.isInteger(seconds) && seconds > 0 && seconds <= RETRY_AFTER_MAX_SECONDS
    ? seconds
    : undefined;
}

const RETRY_AFTER_MAX_SECONDS = 3_600;
