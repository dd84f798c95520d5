import { createServer } from "node:http";
import Stripe from "stripe";

/** One webhook as it came in. */
export type Received = {
  readonly body: string;
  readonly signature: string;
  readonly event: Stripe.Event;
};

/** A webhook endpoint of a test: keeps what comes and answers what it is told to. */
export type Receiver = {
  readonly url: string;
  readonly received: Received[];
  /** The types of events that came, in their order. */
  types(): string[];
  /** The statuses of the next answers; 200 after them. */
  answer(...statuses: number[]): void;
  /** Whether the official client takes a webhook for genuine. */
  isGenuine(received: Received, secret: string): boolean;
  close(): Promise<void>;
};

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const statuses: number[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const signature = String(request.headers["stripe-signature"]);
    received.push({ body, signature, event: JSON.parse(body) });
    response.setHeader("location", "/elsewhere");
    response.writeHead(statuses.shift() ?? 200).end("so it says");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = address && typeof address === "object" ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    types: () => received.map(({ event }) => event.type),
    answer: (...next) => statuses.push(...next),
    isGenuine({ body, signature }, secret) {
      try {
        return Stripe.webhooks.constructEvent(body, signature, secret).object === "event";
      } catch {
        return false;
      }
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
