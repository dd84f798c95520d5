import { createHmac } from "node:crypto";
import { connect } from "node:net";
import { parseArgs } from "node:util";

/*
 * A load generator in a process of its own: keeps so many connections busy for so long and prints
 * what came back as one JSON line. Requests are made before the clock starts, so that it measures the
 * server and not itself.
 */

export type LoadResult = {
  answers: Record<string, number>;
  seconds: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** The generator's own processor time for each request, since it uses the same processors. */
  ownCpuMs: number;
};

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    path: { type: "string" },
    seconds: { type: "string", default: "4" },
    connections: { type: "string", default: "64" },
    /** Events to sign and post; without a secret, the same small body is posted again and again. */
    secret: { type: "string" },
    events: { type: "string", default: "60000" },
    run: { type: "string", default: "0" },
  },
});

const EVENT_BYTES = 2_048;
/** `200 `, as it stands behind `HTTP/1.1 `. */
const OK = Buffer.from("200 ").readUInt32BE();
const requests = values.secret
  ? Array.from({ length: Number(values.events) }, (_, place) => eventRequest(place))
  : [request("{}", "")];
const deadlineMs = Number(values.seconds) * 1_000;
const answers: Record<string, number> = {};
const times: number[] = [];
let next = 0;
let isOver = false;
/** What a whole 200 measures: one that came in one piece before need not be read again. */
let usualSize = 0;

const began = performance.now();
const beganCpu = process.cpuUsage();
setTimeout(() => {
  isOver = true;
}, deadlineMs);
await Promise.all(Array.from({ length: Number(values.connections) }, keepBusy));
const seconds = (performance.now() - began) / 1_000;
const { user, system } = process.cpuUsage(beganCpu);
times.sort((a, b) => a - b);
const result: LoadResult = {
  answers,
  seconds,
  perSecond: (answers["200"] ?? 0) / seconds,
  p50Ms: times[Math.floor(times.length * 0.5)] ?? 0,
  p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
  ownCpuMs: (user + system) / 1_000 / times.length,
};
process.stdout.write(`${JSON.stringify(result)}\n`);

/** One connection that always has exactly one request on its way. */
function keepBusy(): Promise<void> {
  return new Promise((resolve, reject) => {
    let sentAt = 0;
    let seen = "";
    const send = () => {
      const bytes = values.secret ? requests[next++] : requests[0];
      if (isOver || !bytes) return socket.end();
      sentAt = performance.now();
      socket.write(bytes);
    };
    const count = (status: string) => {
      answers[status] = (answers[status] ?? 0) + 1;
      times.push(performance.now() - sentAt);
      send();
    };
    // Read into one buffer, past the streams: this process shares the processors with the server.
    const read = (size: number, buffer: Uint8Array) => {
      const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, size);
      if (seen === "" && size === usualSize && bytes.readUInt32BE(9) === OK) return count("200");
      seen += bytes.toString("latin1");
      const end = endOf(seen);
      if (end === undefined) return;
      const status = seen.slice(9, 12);
      if (status === "200" && end === size) usualSize = size;
      seen = seen.slice(end);
      count(status);
    };
    const socket = connect({
      port: Number(values.port),
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer: Buffer.alloc(16_384),
        callback: (size, buffer) => {
          read(size, buffer);
          return true;
        },
      },
    });
    socket.on("connect", send);
    socket.on("close", () => resolve());
    socket.on("error", reject);
  });
}

/** Where the first answer ends, or undefined while it is not complete. */
function endOf(text: string): number | undefined {
  const head = text.indexOf("\r\n\r\n");
  if (head < 0) return undefined;
  const headers = text.slice(0, head).toLowerCase();
  const length = /\r\ncontent-length: (\d+)/.exec(headers)?.[1];
  if (length !== undefined) {
    const end = head + 4 + Number(length);
    return text.length >= end ? end : undefined;
  }
  if (!headers.includes("transfer-encoding: chunked")) return head + 4;
  const last = text.indexOf("0\r\n\r\n", head + 4);
  return last < 0 ? undefined : last + 5;
}

function eventRequest(place: number): Buffer {
  const id = `evt_bench_${values.run}_${place}`;
  const event = {
    id,
    object: "event",
    api_version: "2026-10-28.endive",
    created: 1_790_000_000 + place,
    livemode: false,
    type: "customer.subscription.updated",
    data: {
      object: {
        id: `sub_bench_${values.run}_${place % 5_000}`,
        object: "subscription",
        customer: `cus_bench_${place % 5_000}`,
        status: "active",
        metadata: { filler: "" },
      },
    },
  };
  const missing = EVENT_BYTES - JSON.stringify(event).length;
  event.data.object.metadata.filler = "x".repeat(missing);
  const body = JSON.stringify(event);
  const time = Math.floor(Date.now() / 1_000);
  const signature = createHmac("sha256", values.secret ?? "")
    .update(`${time}.${body}`)
    .digest("hex");
  return request(body, `Stripe-Signature: t=${time},v1=${signature}\r\n`);
}

function request(body: string, headers: string): Buffer {
  return Buffer.from(
    `POST ${values.path} HTTP/1.1\r\nHost: 127.0.0.1:${values.port}\r\nUser-Agent: bench\r\n` +
      `Content-Type: application/json\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
