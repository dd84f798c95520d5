import { Agent, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { closeListener, createListener } from "#lib/inbox/listener.ts";

test("who holds a connection when the server leaves is answered once more, and told that it ends", async () => {
  const server = createListener({
    trustProxy: false,
    fallback: (_, response) => response.end("here"),
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = () =>
    new Promise<{ response: IncomingMessage; from: number | undefined }>((resolve, reject) => {
      request({ port, host: "127.0.0.1", agent }, (response) => {
        const from = response.socket.localPort;
        response.resume().on("end", () => resolve({ response, from }));
      })
        .on("error", reject)
        .end();
    });

  const before = await ask();
  const closed = closeListener(server, 5_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const during = await ask();
  await closed;

  expect(before.response.headers.connection).toBe("keep-alive");
  expect(during.response.statusCode).toBe(200);
  expect(during.response.headers.connection).toBe("close");
  expect(during.from).toBe(before.from);
  await expect(ask()).rejects.toThrow("ECONNREFUSED");
  agent.destroy();
});

test.each(["/portal/acme/invoices/%00", "/portal/acme/change?to=%00", "/a%ff"])(
  "an address that names nothing is answered 400 before anything looks for it: %s",
  async (path) => {
    const asked: (string | undefined)[] = [];
    const server = createListener({
      trustProxy: false,
      fallback: (incoming, response) => {
        asked.push(incoming.url);
        response.end();
      },
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;

    const { status } = await fetch(`http://127.0.0.1:${port}${path}`);
    await closeListener(server, 1_000);

    expect(status).toBe(400);
    expect(asked).toEqual([]);
  },
);

const packed = { "accept-encoding": "gzip" };

test.each([
  { who: "Next asks itself for a page", headers: { rsc: "1" }, isPacked: false },
  {
    who: "a browser goes from page to page",
    headers: { rsc: "1", "next-router-state-tree": "[]" },
    isPacked: true,
  },
  {
    who: "a browser looks ahead",
    headers: { rsc: "1", "next-router-prefetch": "1" },
    isPacked: true,
  },
  { who: "a page is opened", headers: {}, isPacked: true },
])("may pack what it answers where $who: $isPacked", async ({ headers, isPacked }) => {
  const server = createListener({
    trustProxy: false,
    fallback: (incoming, response) => response.end(incoming.headers["accept-encoding"] ?? "none"),
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  const answer = await fetch(`http://127.0.0.1:${port}/portal`, {
    headers: { ...packed, ...headers },
  });
  const taken = await answer.text();
  await closeListener(server, 1_000);

  expect(taken).toBe(isPacked ? "gzip" : "none");
});
