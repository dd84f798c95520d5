import { type AddressInfo, createServer, type Socket } from "node:net";

/** A mail server that takes everything and counts how often each mail came. */
export type PostOffice = {
  readonly url: string;
  /** How often each `Message-ID` was delivered. */
  readonly mails: ReadonlyMap<string, number>;
  close(): Promise<void>;
};

export async function openPostOffice(): Promise<PostOffice> {
  const mails = new Map<string, number>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    serve(socket, (id) => mails.set(id, (mails.get(id) ?? 0) + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** As much of RFC 5321 as a mail program needs to hand over a mail. */
function serve(socket: Socket, took: (id: string) => void): void {
  let said = "";
  let isMail = false;
  socket.write("220 faults\r\n");
  socket.on("data", (chunk: Buffer) => {
    said += chunk.toString("latin1");
    for (;;) {
      const end = said.indexOf(isMail ? "\r\n.\r\n" : "\r\n");
      if (end < 0) return;
      const line = said.slice(0, end);
      said = said.slice(end + (isMail ? 5 : 2));
      if (isMail) took(/^message-id:\s*<([^>]+)>/im.exec(line)?.[1] ?? "none");
      isMail = !isMail && /^data$/i.test(line);
      socket.write(isMail ? "354 go on\r\n" : /^quit$/i.test(line) ? "221 bye\r\n" : "250 yes\r\n");
    }
  });
}
