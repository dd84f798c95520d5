import type { IncomingMessage, ServerResponse } from "node:http";
import { countUnwelcome } from "../counters.ts";
import { log } from "../log.ts";
import { type Answer, refused } from "./answer.ts";
import { readBody } from "./read-body.ts";
import { receive, refuseUnread } from "./receive.ts";

const ADDRESS = /^\/api\/webhooks\/([^/?#]{1,64})\/?(?:[?#]|$)/;
/** How much, and for how long, is thrown away so that a sender who is still sending hears the answer. */
const LINGER_BYTES = 262_144;
const LINGER_MS = 500;

/** The gateway that a request's address names, or undefined when it is no webhook address. */
export function gatewayOf(request: IncomingMessage): string | undefined {
  return ADDRESS.exec(request.url ?? "")?.[1];
}

/** Answers a webhook on a bare Node server. Never throws; reads no more of a body than is allowed. */
export async function answerWebhook(
  gateway: string,
  request: IncomingMessage,
  response: ServerResponse,
  remoteAddress: string | undefined = request.socket.remoteAddress,
): Promise<void> {
  const head = { gateway, method: request.method ?? "", headers: headersOf(request) };
  try {
    const unread = refuseUnread(head);
    if (unread) return sayUnread(request, response, unread);
    const body = await readBody(request);
    if (body === "gone") return;
    if (!Buffer.isBuffer(body)) return sayUnread(request, response, body);
    say(request, response, await receive({ ...head, body, remoteAddress }));
  } catch (error) {
    log().error({ err: error, gateway }, "a webhook request failed");
    if (response.headersSent) response.destroy();
    else sayUnread(request, response, refused(500, "internal"));
  }
}

/** Whether the sender's `Expect: 100-continue` deserves a no before it sends anything. */
export function isRefusedUnread(gateway: string, request: IncomingMessage): boolean {
  const { method = "" } = request;
  return refuseUnread({ gateway, method, headers: headersOf(request) }) !== undefined;
}

function say(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (answer.status !== 200) countUnwelcome(answer.status);
  response.writeHead(answer.status, withLength(answer));
  response.end(request.method === "HEAD" ? undefined : answer.body);
}

/**
 * Answers while a body may still be coming, then closes. A connection that is closed with bytes unread
 * is reset, and the reset may overtake the answer: so a little more is read and thrown away.
 */
function sayUnread(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (request.complete || !hasBody(request)) {
    say(request, response, answer);
    return;
  }
  countUnwelcome(answer.status);
  response.writeHead(answer.status, { ...withLength(answer), connection: "close" });
  if (request.method === "HEAD") response.flushHeaders();
  else response.write(answer.body);
  let dropped = 0;
  const drop = (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > LINGER_BYTES) close();
  };
  const close = () => {
    clearTimeout(timer);
    request.off("end", close).off("close", close).off("data", drop);
    request.resume();
    response.end();
    request.socket.destroySoon();
  };
  const timer = setTimeout(close, LINGER_MS);
  request.on("error", () => {});
  request.on("end", close).on("close", close).on("data", drop);
}

function hasBody(request: IncomingMessage): boolean {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  return encoding !== undefined || Number(length ?? 0) > 0;
}

function withLength(answer: Answer): Record<string, string | number> {
  return { ...answer.headers, "content-length": Buffer.byteLength(answer.body) };
}

/** Node joins repeats of most headers itself, and keeps the first of those that may come only once. */
function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}
