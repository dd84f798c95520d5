import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { isIP } from "node:net";
import { AppError } from "../errors.ts";
import { limitCrowd } from "./crowd.ts";
import { answerWebhook, gatewayOf, isRefusedUnread } from "./http.ts";

export type ListenerOptions = {
  /** Answers everything that is not a webhook. */
  readonly fallback: RequestListener;
  /** Whether a proxy of ours stands before us, so that its `x-forwarded-*` headers can be believed. */
  readonly trustProxy: boolean;
  /** Only for hot reload in development. */
  readonly allowUpgrades?: boolean;
};

/**
 * The HTTP server of a web process, with its limits on size, time and number. Webhooks are answered
 * here, before anything heavier sees them; all else goes to the fallback.
 */
export function createListener(options: ListenerOptions): Server {
  const { fallback, trustProxy, allowUpgrades = false } = options;
  const answer: RequestListener = (request, response) => {
    const gateway = gatewayOf(request);
    crowd.note(request, response);
    if (leaving.has(server)) response.shouldKeepAlive = false;
    if (gateway === undefined) {
      const status = unaskable(request);
      response.setHeader("x-content-type-options", "nosniff");
      if (status !== undefined) {
        response.writeHead(status, status === 405 ? { allow: [...METHODS].join(", ") } : {}).end();
        return;
      }
      dropHeaders(request, trustProxy);
      if (isAskedByNext(request)) delete request.headers["accept-encoding"];
      fallback(request, response);
    } else {
      void answerWebhook(gateway, request, response, remoteAddressOf(request, trustProxy));
    }
  };
  const server = createServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: 5_000,
      requestTimeout: 60_000,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 1_000,
      noDelay: true,
      shouldUpgradeCallback: () => allowUpgrades,
    },
    answer,
  );
  server.on("checkContinue", (request, response) => {
    const gateway = gatewayOf(request);
    if (gateway === undefined || !isRefusedUnread(gateway, request)) response.writeContinue();
    answer(request, response);
  });
  // A proxy's address stands for everybody behind it.
  const crowd = limitCrowd(server, trustProxy ? { perSource: Number.POSITIVE_INFINITY } : {});
  return server;
}

/**
 * How many connections may wait to be accepted (Node's default is 511; the system may allow less). Beyond
 * it the system drops them unheard, and a gateway's next try comes after one, three, seven … seconds.
 */
const BACKLOG = 4_096;

/** Opens the port; throws `not_configured` with a sentence when it is taken or not ours. */
export async function listenOn(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, backlog: BACKLOG }, resolve);
  }).catch((cause: unknown) => {
    const because = cause instanceof Error ? cause.message : String(cause);
    const sentence = `Port ${port} on ${host} cannot be opened (${because}). Set PORT to another.`;
    throw new AppError("not_configured", sentence, { cause });
  });
  const bound = server.address();
  const taken = typeof bound === "object" && bound ? bound.port : port;
  return `http://${host.includes(":") ? `[${host}]` : host}:${taken}`;
}

/** Servers that still answer, and say with each answer that the connection ends with it. */
const leaving = new WeakSet<Server>();
/** How long those who hold a connection may find that out before idle ones are closed under them. */
const FAREWELL_MS = 500;
const STEP_MS = 25;

/**
 * Takes leave without cutting anybody off: whoever asks once more on a connection is answered and told
 * that it ends; then no new ones are taken, and what is being answered may end. After the limit all
 * are closed.
 */
export async function closeListener(server: Server, limitMs: number): Promise<void> {
  leaving.add(server);
  const limit = setTimeout(() => server.closeAllConnections(), limitMs);
  const until = performance.now() + Math.min(FAREWELL_MS, limitMs / 2);
  while (performance.now() < until && (await connectionsOf(server)) > 0) {
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const sweep = setInterval(() => server.closeIdleConnections(), STEP_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(limit);
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_, count = 0) => resolve(count)));
}

/** The status of what is refused here because Next, which cannot read it, would call it a fault of ours. */
function unaskable({ method = "", url = "" }: IncomingMessage): 400 | 405 | undefined {
  if (!METHODS.has(method)) return 405;
  const [path = ""] = url.split("?");
  // PostgreSQL's text holds no NUL, so nothing is called by one.
  if (!path.startsWith("/") || url.includes("%00")) return 400;
  try {
    decodeURIComponent(path);
    return undefined;
  } catch {
    return 400;
  }
}

const METHODS: ReadonlySet<string> = new Set("GET HEAD POST PUT PATCH DELETE OPTIONS".split(" "));

/** The address before our proxy, as it says last: what stands before that, anybody can write. */
function remoteAddressOf(request: IncomingMessage, trustProxy: boolean): string | undefined {
  const forwarded = trustProxy ? request.headers["x-forwarded-for"] : undefined;
  const last = String(forwarded ?? "")
    .split(",")
    .at(-1)
    ?.trim();
  return last && isIP(last) ? last : request.socket.remoteAddress;
}

/**
 * Whether Next asks itself for the page that an action leads to, to send it with the action's answer. It
 * would be packed only to be unpacked in the same process, which takes longer than to make it. Browsers say
 * which page they come from, or that they look ahead; a stranger who says neither gets it unpacked as well.
 */
function isAskedByNext({ headers }: IncomingMessage): boolean {
  const isFromPage = "next-router-state-tree" in headers || "next-router-prefetch" in headers;
  return headers.rsc === "1" && !isFromPage;
}

/** Takes away what only a proxy of ours, or Next itself, may say. */
function dropHeaders(request: IncomingMessage, trustProxy: boolean): void {
  const isForeign = (name: string) => INTERNAL.test(name) || (!trustProxy && FORWARDED.test(name));
  for (const name of Object.keys(request.headers)) {
    if (isForeign(name)) delete request.headers[name];
  }
  for (let at = request.rawHeaders.length - 2; at >= 0; at -= 2) {
    if (isForeign(request.rawHeaders[at] ?? "")) request.rawHeaders.splice(at, 2);
  }
}

const INTERNAL =
  /^x-(?:middleware-|nextjs-|invoke-|matched-path$|now-route-matches$|rewrite-url$|original-url$)/i;
const FORWARDED = /^(?:x-forwarded-|x-real-ip$|forwarded$)/i;
