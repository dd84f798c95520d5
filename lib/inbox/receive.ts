import { randomUUID } from "node:crypto";
import { secretsOf } from "#lib/settings/secrets.ts";
import { countRefused } from "../counters.ts";
import { AppError, isTransient } from "../errors.ts";
import type { Gateway, RawRequest } from "../gateways/adapter.ts";
import { findGateway } from "../gateways/registry.ts";
import type { Refusal, Verdict } from "../gateways/verdict.ts";
import { log } from "../log.ts";
import {
  type Answer,
  BODY_BYTES_MAX,
  notNow,
  received,
  refused,
  tooLarge,
  wrongMethod,
} from "./answer.ts";
import { tellOfClock } from "./clock-alert.ts";
import { briefly } from "./failures.ts";
import { storeSoon } from "./intake-line.ts";
import { keptHeaders } from "./kept-headers.ts";
import { keepRefused } from "./refused.ts";
import { inTime } from "./time-limit.ts";
import { tokenBucket } from "./token-bucket.ts";

/** A webhook request as either entrance hands it over. */
export type WebhookRequest = {
  readonly gateway: string;
  readonly method: string;
  /** Lower case; repeats joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly remoteAddress: string | undefined;
};

/**
 * The one door for webhooks: proves, stores, rings, and only then says 200. What is not proven is
 * refused and kept with its reason; what cannot be stored now is answered 503, so that the gateway
 * sends it again.
 */
export async function receive(request: WebhookRequest): Promise<Answer> {
  const requestId = requestIdOf(request.headers);
  const answer = await answerTo(request, requestId);
  return { ...answer, headers: { ...answer.headers, "x-request-id": requestId } };
}

/** What can be said before the body is read; undefined when it is wanted. */
export function refuseUnread(
  request: Pick<WebhookRequest, "gateway" | "method" | "headers">,
): Answer | undefined {
  if (!findGateway(request.gateway)) return refused(404, "unknown_gateway");
  if (request.method !== "POST") return wrongMethod;
  const encoding = request.headers["content-encoding"]?.trim().toLowerCase();
  if (encoding && encoding !== "identity") return refused(415, "content_encoding_not_supported");
  if (Number(request.headers["content-length"] ?? 0) > BODY_BYTES_MAX) return tooLarge;
  return undefined;
}

async function answerTo(request: WebhookRequest, requestId: string): Promise<Answer> {
  const unread = refuseUnread(request);
  if (unread) return unread;
  if (request.body.length > BODY_BYTES_MAX) return tooLarge;
  const adapter = findGateway(request.gateway);
  if (!adapter) return refused(404, "unknown_gateway");
  try {
    const verdict = await judge(adapter, request);
    if (verdict.kind === "refused") return await refuse(adapter, request, requestId, verdict);
    return await store(adapter, request, requestId, verdict);
  } catch (error) {
    if (mayLog.take()) {
      const cause = briefly(error);
      log().error(
        { requestId, gateway: adapter.name, cause },
        `${adapter.title} webhook not stored`,
      );
    }
    return isTransient(error) ? notNow : refused(500, "internal");
  }
}

const mayLog = tokenBucket(20, 5);

/** A secret may have been added a moment ago, so a refusal that one could mend is judged twice. */
async function judge(adapter: Gateway, request: RawRequest): Promise<Verdict> {
  const verdict = adapter.verify(request, await secrets(adapter, false), new Date());
  if (verdict.kind === "proven" || !MENDABLE.has(verdict.refusal) || !mayAskAgain.take()) {
    return verdict;
  }
  return adapter.verify(request, await secrets(adapter, true), new Date());
}

/** The refusals that another secret would turn into a proof. */
export const MENDABLE: ReadonlySet<Refusal> = new Set([
  "signature_mismatch",
  "no_secret",
  "mode_mismatch",
]);
const mayAskAgain = tokenBucket(2, 2);
const SECRETS_LIMIT_MS = 1_500;

async function secrets(adapter: Gateway, fresh: boolean) {
  try {
    return await inTime(SECRETS_LIMIT_MS, secretsOf(adapter.name, { fresh }));
  } catch (cause) {
    throw new AppError("not_yet", "The signing secrets cannot be read.", { cause });
  }
}

async function refuse(
  adapter: Gateway,
  request: WebhookRequest,
  requestId: string,
  { refusal, diagnosis }: Extract<Verdict, { kind: "refused" }>,
): Promise<Answer> {
  countRefused(adapter.name, refusal);
  const refusedId = await keepRefused({ ...request, refusal, diagnosis });
  const facts = { requestId, gateway: adapter.name, refusal, refusedId };
  if (refusal === "timestamp_too_old" || refusal === "timestamp_in_future") {
    tellOfClock(adapter.name, diagnosis);
  }
  if (refusedId) log().warn(facts, `refused ${adapter.title} webhook: ${refusal}`);
  // The gateway's fault is a 400; ours, a missing secret, is worth another delivery.
  return refusal === "no_secret"
    ? { ...notNow, body: JSON.stringify({ error: refusal }) }
    : refused(400, refusal);
}

async function store(
  adapter: Gateway,
  request: WebhookRequest,
  requestId: string,
  verdict: Extract<Verdict, { kind: "proven" }>,
): Promise<Answer> {
  const { event, mode, secretId, signedAt } = verdict;
  const { eventId, outcome } = await storeSoon({
    gateway: adapter.name,
    mode,
    secretId,
    signedAt,
    event,
    headers: keptHeaders(request.headers),
    body: request.body,
  });
  const facts = {
    requestId,
    gateway: adapter.name,
    mode,
    eventId,
    event: event?.eventRef,
    outcome,
  };
  const named = event ? `${event.type} ${event.eventRef}` : "that is not an event";
  log().info({ ...facts, type: event?.type }, `received ${adapter.title} webhook ${named}`);
  return received;
}

/** The sender's or the proxy's, where it is a plain name; else a new one. */
function requestIdOf(headers: Readonly<Record<string, string>>): string {
  const given = headers["x-request-id"];
  return given && /^[\w.:-]{8,100}$/.test(given) ? given : randomUUID();
}
