import { createServer } from "node:net";

/** The port that was asked for, or any that is free. */
export async function freePort(wanted: number): Promise<number> {
  for (const port of [wanted, 0]) {
    const found = await new Promise<number | undefined>((resolve) => {
      const probe = createServer();
      probe.once("error", () => resolve(undefined));
      probe.listen(port, "127.0.0.1", () => {
        const address = probe.address();
        probe.close(() =>
          resolve(typeof address === "object" && address ? address.port : undefined),
        );
      });
    });
    if (found) return found;
  }
  throw new Error("No port is free.");
}
