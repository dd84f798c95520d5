import { Socket } from "node:net";

/** The part of the driver's options that says where to connect to. */
type Where = {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false | undefined;
  readonly ssl?: unknown;
};

/**
 * Makes the driver's sockets, of which none waits for ever: one that was written to and then heard
 * nothing for so long is dropped, and whoever waits is told. A network that swallows packets, or a
 * pooler that hangs, closes no connection; without this, a statement that was on its way stays there.
 */
export function livelySockets(silenceMs: number): (where: Where) => Socket {
  let turn = 0;
  return ({ host, port, path, ssl }) => {
    const at = turn++ % Math.max(host.length, 1);
    const [name = "localhost", number = 5432] = [host[at], port[at]];
    // The driver names the place in its errors.
    const socket = Object.assign(new Socket(), { host: name, port: number });
    if (path) socket.connect(path);
    else socket.connect(number, name);
    // TLS reads and writes below this socket, where nothing is seen.
    if (!ssl) dropWhenSilent(socket, silenceMs);
    return socket;
  };
}

function dropWhenSilent(socket: Socket, silenceMs: number): void {
  let isWaiting = false;
  const write: (...args: [Uint8Array]) => boolean = socket.write.bind(socket);
  socket.write = (...args: [Uint8Array]) => {
    isWaiting = true;
    return write(...args);
  };
  socket.on("data", () => {
    isWaiting = false;
  });
  socket.setTimeout(silenceMs, () => {
    if (isWaiting) socket.destroy();
  });
}
