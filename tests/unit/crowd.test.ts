import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { limitCrowd } from "#lib/inbox/crowd.ts";

const ASK = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/** A server that answers when it is told to, with room for so many. */
async function crowded(limits: { all?: number; perSource?: number }) {
  const waiting: ServerResponse[] = [];
  const server = createServer((request, response) => {
    crowd.note(request, response);
    waiting.push(response);
  });
  const crowd = limitCrowd(server, limits);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const come = async (say = "") => {
    const socket = connect(port, "127.0.0.1");
    sockets.push(socket);
    socket.on("error", () => {}).resume();
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.write(say);
    await new Promise((resolve) => setTimeout(resolve, 30));
    return socket;
  };
  return { come, waiting };
}

test("a newcomer takes the place of the oldest who never finished a request", async () => {
  const { come } = await crowded({ all: 3 });
  const answered = await come(ASK);
  const slow = await come("GET / HTTP/1.1\r\nHost: ");
  const silent = await come();

  const newest = await come(ASK);

  expect([answered, slow, silent, newest].map(({ closed }) => closed)).toEqual([
    false,
    true,
    false,
    false,
  ]);
});

test("where all have asked, the oldest that was answered goes, and nobody who waits for us", async () => {
  const { come, waiting } = await crowded({ all: 3 });
  const first = await come(ASK);
  const second = await come(ASK);
  const third = await come(ASK);
  waiting[1]?.end("done");
  await new Promise((resolve) => setTimeout(resolve, 30));

  await come(ASK);
  await come(ASK);

  expect([first, second, third].map(({ closed }) => closed)).toEqual([false, true, false]);
  expect(waiting).toHaveLength(5);
});

test("an address that has its number competes with itself", async () => {
  const { come } = await crowded({ all: 100, perSource: 2 });
  const [oldest, next] = [await come(), await come()];

  const newest = await come();

  expect([oldest, next, newest].map(({ closed }) => closed)).toEqual([true, false, false]);
});
