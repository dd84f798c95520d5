import { createHmac } from "node:crypto";
import { connect } from "node:net";

/** One connection of the load generator. It may have one request on its way at a time. */
export type Wire = { send(bytes: Buffer): void; end(): void };

/** `200 `, as it stands behind `HTTP/1.1 `. */
const OK = Buffer.from("200 ").readUInt32BE();

/**
 * Opens a connection that tells the status of every answer. It reads into one buffer, past the streams:
 * the load generator shares the processors with the server that it measures.
 */
export function openWire(
  port: number,
  on: { ready(): void; answered(status: string): void; closed(): void; failed(error: Error): void },
): Wire {
  /** What a whole 200 measures: one that came in one piece before need not be read again. */
  let usualSize = 0;
  let seen = "";
  const read = (size: number, buffer: Uint8Array) => {
    const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, size);
    if (seen === "" && size === usualSize && bytes.readUInt32BE(9) === OK)
      return on.answered("200");
    seen += bytes.toString("latin1");
    const end = endOf(seen);
    if (end === undefined) return;
    const status = seen.slice(9, 12);
    if (status === "200" && end === size) usualSize = size;
    seen = seen.slice(end);
    on.answered(status);
  };
  const socket = connect({
    port,
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
  socket.on("connect", on.ready).on("close", on.closed).on("error", on.failed);
  return { send: (bytes) => void socket.write(bytes), end: () => void socket.end() };
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

const EVENT_BYTES = 2_048;

/** Where requests go, and what makes those of one turn its own. */
export type Address = { readonly port: number; readonly path: string; readonly run: string };

/** A signed event of 2 KB with an id of its own. */
export function eventRequest(address: Address, place: number, secret: string): Buffer {
  const { run } = address;
  const event = {
    id: `evt_bench_${run}_${place}`,
    object: "event",
    api_version: "2026-10-28.endive",
    created: 1_790_000_000 + place,
    livemode: false,
    type: "customer.subscription.updated",
    data: {
      object: {
        id: `sub_bench_${run}_${place % 5_000}`,
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
  const signature = createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");
  return requestOf(address, body, `Stripe-Signature: t=${time},v1=${signature}\r\n`);
}

/** A request with a body of JSON. */
export function requestOf({ port, path }: Address, body: string, headers = ""): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: bench\r\n` +
      `Content-Type: application/json\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
