import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What one process may hold. Above it a newcomer takes the place of somebody who makes us wait. */
const CONNECTIONS_MAX = 10_000;
/** No gateway opens so many from one address; whoever does competes with itself. */
const PER_SOURCE_MAX = 2_000;
const LOOKED_AT_MAX = 64;

type Visit = { request: IncomingMessage; response: ServerResponse };
/** Connections by age, each with the request that came last on it. */
type Visitors = Map<Socket, Visit | undefined>;

export type Crowd = {
  /** Notes what a connection asks now. */
  note(request: IncomingMessage, response: ServerResponse): void;
};

/**
 * Keeps the number of connections in bounds without ever shutting the door: instead of refusing the
 * newest, which may be a gateway, it ends the oldest on which nothing is being answered.
 */
export function limitCrowd(
  server: Server,
  limits: { all?: number; perSource?: number } = {},
): Crowd {
  const { all = CONNECTIONS_MAX, perSource = PER_SOURCE_MAX } = limits;
  const everybody: Visitors = new Map();
  const bySource = new Map<string, Visitors>();

  server.on("connection", (socket: Socket) => {
    const source = socket.remoteAddress ?? "";
    const neighbours = bySource.get(source) ?? new Map();
    if (neighbours.size >= perSource) endOne(neighbours);
    else if (everybody.size >= all) endOne(everybody);
    bySource.set(source, neighbours);
    neighbours.set(socket, undefined);
    everybody.set(socket, undefined);
    socket.once("close", () => {
      everybody.delete(socket);
      neighbours.delete(socket);
      if (neighbours.size === 0 && bySource.get(source) === neighbours) bySource.delete(source);
    });
  });

  return {
    note(request, response) {
      const { socket } = request;
      if (!everybody.has(socket)) return;
      const visit = { request, response };
      everybody.set(socket, visit);
      bySource.get(socket.remoteAddress ?? "")?.set(socket, visit);
    },
  };
}

/** The oldest who never finished a request, else the oldest who is not waiting for us. */
function endOne(visitors: Visitors): void {
  let idle: Socket | undefined;
  let seen = 0;
  for (const [socket, visit] of visitors) {
    if (seen++ >= LOOKED_AT_MAX && idle) break;
    if (!visit?.request.complete) return void socket.destroy();
    if (visit.response.writableFinished) idle ??= socket;
  }
  idle?.destroy();
}
