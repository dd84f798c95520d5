import { connect, type Socket } from "node:net";
import { parseArgs } from "node:util";

/*
 * A besieger in a process of its own: so many slow or huge requests, some thousands at the same time,
 * from several addresses. Prints as one JSON line what they were answered.
 */

export type Siege = {
  /** How many of each attack got each status; `none` were closed without a word that was heard. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly atOnceMost: number;
  readonly sentBytes: number;
  readonly seconds: number;
};

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    path: { type: "string" },
    count: { type: "string" },
    connections: { type: "string" },
  },
});

/** One address may hold 2,000 connections at most; all of 127.0.0.0/8 is this machine on Linux. */
const SOURCES = process.platform === "linux" ? 8 : 1;
const FIRST_SOURCE = SOURCES > 1 ? 2 : 1;
const HEAD = `POST ${values.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n`;
const FORGED = `Stripe-Signature: t=1790000000,v1=${"a".repeat(64)}\r\n`;
const POURED = Buffer.alloc(65_536, "x");
const CHUNK = Buffer.concat([Buffer.from("10000\r\n"), POURED, Buffer.from("\r\n")]);
const TRICKLE = Buffer.alloc(8_192, "x");
const EVERY_MS = 500;
/** Longer than any limit of the server's. */
const PATIENCE_MS = 30_000;

const ATTACKS: Readonly<Record<string, (socket: Socket) => void>> = {
  "headers that never end": (socket) => {
    socket.write(HEAD);
    everyNow(socket, () => socket.write("X-Slow: 1\r\n"));
  },
  "bodies that trickle in": (socket) => {
    socket.write(`${HEAD}${FORGED}Content-Length: 1000000\r\n\r\n`);
    everyNow(socket, () => socket.write(TRICKLE));
  },
  "a length of 200 MB": (socket) => {
    socket.write(`${HEAD}${FORGED}Content-Length: 200000000\r\n\r\n`);
    pour(socket, POURED);
  },
  "chunks without end": (socket) => {
    socket.write(`${HEAD}${FORGED}Transfer-Encoding: chunked\r\n\r\n`);
    pour(socket, CHUNK);
  },
};
const KINDS = Object.keys(ATTACKS);

const answers: Record<string, Readonly<Record<string, number>>> = {};
let [next, open, atOnceMost, sentBytes] = [0, 0, 0, 0];
const count = Number(values.count);
const began = performance.now();
await Promise.all(Array.from({ length: Number(values.connections) }, keepBesieging));
const siege: Siege = {
  answers,
  atOnceMost,
  sentBytes,
  seconds: (performance.now() - began) / 1_000,
};
process.stdout.write(`${JSON.stringify(siege)}\n`);

async function keepBesieging(): Promise<void> {
  for (let place = next++; place < count; place = next++) {
    const kind = KINDS[place % KINDS.length] ?? "";
    const status = await attack(kind, place);
    answers[kind] = { ...answers[kind], [status]: (answers[kind]?.[status] ?? 0) + 1 };
  }
}

function attack(kind: string, place: number): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    const localAddress = `127.0.0.${FIRST_SOURCE + (Math.floor(place / KINDS.length) % SOURCES)}`;
    const socket = connect({ port: Number(values.port), host: "127.0.0.1", localAddress });
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on("connect", () => {
      atOnceMost = Math.max(atOnceMost, ++open);
      socket.once("close", () => {
        open -= 1;
      });
      ATTACKS[kind]?.(socket);
    });
    socket.on("data", (chunk) => {
      said += chunk.toString("latin1");
      // Whoever was answered has nothing to wait for.
      if (said.includes("\r\n\r\n")) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      sentBytes += socket.bytesWritten;
      resolve(/^HTTP\/1\.1 (\d{3})/.exec(said)?.[1] ?? "none");
    });
  });
}

function everyNow(socket: Socket, work: () => void): void {
  const timer = setInterval(work, EVERY_MS);
  socket.once("close", () => clearInterval(timer));
}

/** As much as the other side takes. */
function pour(socket: Socket, bytes: Buffer): void {
  const more = () => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on("drain", more);
  more();
}
