import { connect, type Socket } from "node:net";

/** What came back on a connection of its own until it was closed, and how long that took. */
export type Conversation = { said: string; sentBytes: number; ms: number };

/** Speaks bytes, not HTTP: for what no HTTP client would send. */
export function converse(port: number, say: (socket: Socket) => void): Promise<Conversation> {
  const began = performance.now();
  return new Promise((resolve) => {
    let said = "";
    const socket = connect(port, "127.0.0.1", () => say(socket));
    socket.on("data", (chunk) => {
      said += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () =>
      resolve({ said, sentBytes: socket.bytesWritten, ms: performance.now() - began }),
    );
  });
}

/** The head of a request to Stripe's address, with these lines beside its host. */
export function head(...lines: string[]): string {
  return `${["POST /api/webhooks/stripe HTTP/1.1", "Host: here", ...lines].join("\r\n")}\r\n\r\n`;
}

/** A whole request: its head says the body's length. */
export function whole(body: Buffer | string, ...lines: string[]): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from(head(...lines, `Content-Length: ${bytes.length}`)), bytes]);
}

/** The statuses of all answers in what came back, in their order. */
export function statusesIn(said: string): number[] {
  return [...said.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
