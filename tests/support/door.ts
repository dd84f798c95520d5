import { request as httpRequest } from "node:http";
import { bodyOf, signed, testSecret } from "./stripe-objects.ts";

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
    /** Says that a body of so many bytes follows, and sends none. */
    announced?: number;
  }): Promise<Reply>;
};

/** How tests knock: at the port of whatever answers webhooks there. */
export function doorAt(port: number): Door {
  const send: Door["send"] = ({
    method = "POST",
    path = "/api/webhooks/stripe",
    headers = {},
    body,
    announced,
  }) =>
    new Promise((resolve, reject) => {
      const request = httpRequest(
        { port, host: "127.0.0.1", method, path, headers: withLength(headers, announced) },
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
      if (announced === undefined) request.end(body);
      else request.flushHeaders();
    });
  return {
    port,
    send,
    post: (body, headers = { "stripe-signature": signed(body) }) =>
      send({ body, headers: { "content-type": "application/json", ...headers } }),
  };
}

function withLength(headers: Record<string, string>, announced: number | undefined) {
  return announced === undefined ? headers : { ...headers, "content-length": String(announced) };
}

/** An event's bytes with their signature, as a request's parts. */
export function signedEvent(json: unknown, secret = testSecret.secret, at = new Date()) {
  const body = bodyOf(json);
  return { body, headers: { "stripe-signature": signed(body, secret, { at }) } };
}
