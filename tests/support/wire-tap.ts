import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One call on its way to the sandbox. */
export type Tapped = {
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly body: string;
};

/** What becomes of a call: it passes, never arrives, or is done and its answer lost; or this is answered. */
export type Fate =
  | "pass"
  | "cut before"
  | "cut after"
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body: object;
    };

/** From when a call was whole at the sandbox until its answer was whole here, by the clock of performance. */
export type Span = { readonly from: number; readonly until: number };

/** The wire between Billhook and the sandbox, that a test can cut where it likes. */
export type WireTap = {
  readonly url: string;
  /** Decides what becomes of each call from now on. */
  decide(fate: (call: Tapped) => Fate | Promise<Fate>): void;
  /** Every call that came since, in order. */
  readonly calls: Tapped[];
  /** When the sandbox was asked and was not done yet. */
  readonly spans: Span[];
  close(): Promise<void>;
};

export async function tapWire(to: string): Promise<WireTap> {
  const calls: Tapped[] = [];
  const spans: Span[] = [];
  let decide: (call: Tapped) => Fate | Promise<Fate> = () => "pass";
  const server = createServer(async (from, answer) => {
    const body = await bodyOf(from);
    const key = from.headers["idempotency-key"];
    const call = {
      method: from.method ?? "",
      path: from.url ?? "",
      key: typeof key === "string" ? key : "",
      body: body.toString(),
    };
    calls.push(call);
    const fate = await decide(call);
    if (fate === "cut before") return void from.socket.destroy();
    if (typeof fate === "object") {
      answer.writeHead(fate.status, { "content-type": "application/json", ...fate.headers });
      return void answer.end(JSON.stringify(fate.body));
    }
    const began = performance.now();
    pass(to, from, body, (told, text) => {
      spans.push({ from: began, until: performance.now() });
      if (fate === "cut after") return from.socket.destroy();
      answer.writeHead(told.statusCode ?? 502, told.headers);
      answer.end(text);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    decide: (fate) => {
      decide = fate;
    },
    calls,
    spans,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

function pass(
  to: string,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  then: (told: IncomingMessage, body: Buffer) => void,
): void {
  const { hostname, port } = new URL(to);
  const asked = request(
    { hostname, port, method, path: url, headers: { ...headers, host: `${hostname}:${port}` } },
    async (told) => then(told, await bodyOf(told)),
  );
  asked.end(body);
}

async function bodyOf(message: IncomingMessage | ServerResponse): Promise<Buffer> {
  const parts: Buffer[] = [];
  if (Symbol.asyncIterator in message) for await (const part of message) parts.push(part);
  return Buffer.concat(parts);
}

function portOf(address: string | AddressInfo | null): number {
  if (!address || typeof address === "string") throw new Error("The wire has no port.");
  return address.port;
}

/** How long at least one call was under way. */
export function coveredMs(spans: readonly Span[]): number {
  let covered = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const { from, until } of [...spans].sort((a, b) => a.from - b.from)) {
    covered += Math.max(0, until - Math.max(from, end));
    end = Math.max(end, until);
  }
  return covered;
}
