import { createServer, type IncomingMessage } from "node:http";

/** How a call breaks: it never gets there, or it is done and nobody hears of it. */
export type Break = "unsent" | "unanswered";

/** The way to an HTTP server, which can break at one call. */
export type BrokenWay = {
  readonly url: string;
  /** What passed since the last `breakAt`, such as `POST /v1/refunds`. */
  readonly calls: readonly string[];
  /** Breaks the call of this number, counted from 1 from now on; none for 0. */
  breakAt(call: number, how: Break): void;
  close(): Promise<void>;
};

export async function brokenWayTo(target: string): Promise<BrokenWay> {
  const calls: string[] = [];
  let broken: { call: number; how: Break } = { call: 0, how: "unsent" };
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    calls.push(`${request.method} ${request.url}`);
    const isBroken = calls.length === broken.call;
    if (isBroken && broken.how === "unsent") return void response.destroy();
    const { host: _, connection: __, "content-length": ___, ...headers } = request.headers;
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method ?? "GET",
      headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
      ...(body.length > 0 && { body }),
    });
    const said = await answer.text();
    if (isBroken) return void response.destroy();
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(said);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    breakAt: (call, how) => {
      calls.length = 0;
      broken = { call, how };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
