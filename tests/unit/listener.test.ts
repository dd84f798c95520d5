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
