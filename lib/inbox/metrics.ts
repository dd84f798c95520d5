import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { config } from "../config.ts";
import { EXPOSITION_TYPE, exposition } from "../counters.ts";
import { log } from "../log.ts";
import { databaseFacts } from "./facts.ts";

const ADDRESS = /^\/api\/metrics\/?(?:\?|$)/;

/** Whether a request asks for the metrics of this process. */
export function asksForMetrics(request: IncomingMessage): boolean {
  return ADDRESS.test(request.url ?? "");
}

/**
 * Tells a scraper that knows METRICS_TOKEN what this process counted and what the database knows.
 * Without a token in the environment there is no such page.
 */
export async function answerMetrics(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  const token = config().metricsToken;
  if (!token) return say(response, 404, "There is no such page.\n");
  if (request.method !== "GET" && request.method !== "HEAD") {
    return say(response, 405, "Only GET is answered here.\n", { allow: "GET, HEAD" });
  }
  if (!isAuthorized(request.headers.authorization, token)) {
    return say(response, 401, "Metrics need their token.\n", { "www-authenticate": "Bearer" });
  }
  try {
    const text = await exposition(await databaseFacts());
    say(response, 200, request.method === "HEAD" ? "" : text, { "content-type": EXPOSITION_TYPE });
  } catch (error) {
    log().error({ err: error }, "the metrics were not told");
    say(response, 500, "The metrics cannot be told; the log says why.\n");
  }
}

/** A listener for a process that answers nothing else, such as a worker. */
export function createMetricsListener(): Server {
  const options = { headersTimeout: 5_000, requestTimeout: 10_000, maxHeaderSize: 16_384 };
  return createServer(options, (request, response) => {
    if (asksForMetrics(request)) void answerMetrics(request, response);
    else say(response, 404, "There is no such page.\n");
  });
}

/** By digests of one length, so that the time taken says nothing about the token. */
function isAuthorized(header: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1] ?? "";
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function say(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...headers,
  });
  response.end(body);
}
