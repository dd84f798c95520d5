import { Socket } from "node:net";

/** The part of the driver's options that says where to connect to. */
type Where = {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false | undefined;
};

/**
 * The pool itself closes what nobody uses for so long, so that a connection that stays quiet longer is
 * one on which somebody waits.
 */
const QUIET_BEYOND_IDLE = 1.25;

/**
 * Makes the driver's sockets, of which none waits for ever: one that was written to and then heard
 * nothing for so long is dropped, and whoever waits is told. A network that swallows packets, or a
 * pooler that hangs, closes no connection; without this, a statement that was on its way stays there.
 * The pool must close connections that are idle for that long.
 */
export function livelySockets(silenceMs: number): (where: Where) => Socket {
  let turn = 0;
  return ({ host, port, path }) => {
    const at = turn++ % Math.max(host.length, 1);
    const [name = "localhost", number = 5432] = [host[at], port[at]];
    // The driver names the place in its errors.
    const socket = Object.assign(new Socket(), { host: name, port: number });
    if (path) socket.connect(path);
    else socket.connect(number, name);
    dropWhenSilent(socket, silenceMs);
    return socket;
  };
}

/**
 * By the socket's own counts, which TLS above it moves too. Of statements that travelled together only
 * some may have been answered; that shows in nothing but a quiet longer than any idle connection's.
 */
function dropWhenSilent(socket: Socket, silenceMs: number): void {
  const quietMs = silenceMs * QUIET_BEYOND_IDLE;
  let [heard, said] = [0, 0];
  let heardAt = performance.now();
  let askedAt: number | undefined;
  const watch = setInterval(() => {
    const now = performance.now();
    if (socket.bytesRead !== heard) {
      heardAt = now;
      askedAt = undefined;
    } else if (socket.bytesWritten !== said) {
      askedAt ??= now;
    }
    heard = socket.bytesRead;
    said = socket.bytesWritten;
    if (now - heardAt > quietMs || (askedAt && now - askedAt > silenceMs)) socket.destroy();
  }, silenceMs / 20);
  watch.unref();
  socket.once("close", () => clearInterval(watch));
}
