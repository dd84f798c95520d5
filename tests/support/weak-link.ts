import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A wire to PostgreSQL that can be cut, or go silent without being cut. */
export type WeakLink = {
  readonly url: string;
  /** Nothing passes in either direction any more, and nobody is told. */
  goSilent(): void;
  /** Drops every connection and refuses new ones. */
  cut(): Promise<void>;
  /** As at first, for new connections. */
  mend(): Promise<void>;
};

export async function weakLinkTo(databaseUrl: string): Promise<WeakLink> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
    }
    near.on("data", (bytes) => isSilent || far.write(bytes));
    far.on("data", (bytes) => isSilent || near.write(bytes));
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = new URL(databaseUrl);
  url.port = String(port);
  url.hostname = "127.0.0.1";
  return {
    url: url.href,
    goSilent() {
      isSilent = true;
    },
    async cut() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      destroyAll();
      await closed;
    },
    async mend() {
      isSilent = false;
      destroyAll();
      if (!server.listening) await listen(port);
    },
  };
}
