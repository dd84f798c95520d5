import { request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";
import type { Sql } from "#db/client.ts";
import { drainIntake } from "#lib/inbox/intake-line.ts";
import { closeListener, createListener } from "#lib/inbox/listener.ts";
import { drainRefused } from "#lib/inbox/refused.ts";
import { addSecret } from "#lib/settings/commands.ts";
import { ada, prepareSettings } from "./settings.ts";
import { bodyOf, liveSecret, signed, testSecret } from "./stripe-objects.ts";

export type Reply = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
};
export type Door = {
  readonly port: number;
  /** Posts bytes; signs them with the test secret unless headers say otherwise. */
  post(body: Buffer | string, headers?: Record<string, string>): Promise<Reply>;
  send(options: {
    method?: string;
    path?: string;
    headers?: Record<string, string>;
    body?: Buffer | string;
  }): Promise<Reply>;
};

/** A deployment that believes both secrets of tests/support/stripe-objects.ts, with its webhook door open. */
export async function openDoor(
  database: { url: string; sql: Sql },
  { secrets = [testSecret, liveSecret] } = {},
): Promise<Door> {
  await prepareSettings(database);
  for (const { mode, secret } of secrets) {
    await addSecret(ada, { gateway: "stripe", mode, label: mode, secret });
  }
  return listen();
}

/** The webhook door alone, on a free port. */
export async function listen(): Promise<Door> {
  const server = createListener({
    trustProxy: false,
    fallback: (_, response) => response.writeHead(404).end("not a webhook"),
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  afterAll(async () => {
    await closeListener(server, 1_000);
    await drainIntake();
    await drainRefused();
  });
  return doorAt(port);
}

export function doorAt(port: number): Door {
  const send: Door["send"] = ({
    method = "POST",
    path = "/api/webhooks/stripe",
    headers = {},
    body,
  }) =>
    new Promise((resolve, reject) => {
      const request = httpRequest(
        { port, host: "127.0.0.1", method, path, headers },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      request.on("error", reject);
      request.end(body);
    });
  return {
    port,
    send,
    post: (body, headers = { "stripe-signature": signed(body) }) =>
      send({ body, headers: { "content-type": "application/json", ...headers } }),
  };
}

/** An event's bytes with their signature, as a request's parts. */
export function signedEvent(json: unknown, secret = testSecret.secret, at = new Date()) {
  const body = bodyOf(json);
  return { body, headers: { "stripe-signature": signed(body, secret, { at }) } };
}
