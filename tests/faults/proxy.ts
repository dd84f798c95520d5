import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Random } from "./random.ts";
import { applicationOf, commitWatch, messageReader } from "./wire.ts";

/** A wire to PostgreSQL of which every bad habit can be switched on. */
export type FaultyWire = {
  readonly url: string;
  /** All bytes take so long, in both directions. */
  delay(ms: number): void;
  /** With this chance, bytes that come cut their connection instead. */
  cutAtRandom(chance: number): void;
  /** Connections that are there now, and those made until `calm`, pass nothing for ever and stay open. */
  blackHole(): void;
  cutAll(): void;
  /** The next so many answers to committed work are swallowed, and their connections cut. */
  cutAfterCommit(count: number): void;
  /** As at first, but for connections that fell into a black hole: those never come back. */
  calm(): void;
  /** How many connections were cut after a commit, by the application's name. */
  readonly cutAfter: ReadonlyMap<string, number>;
  readonly cuts: number;
  close(): Promise<void>;
};

type Line = { near: Socket; far: Socket; isDead: boolean };

/** Opens one on a free port, in front of a database. */
export async function openProxy(databaseUrl: string, random: Random): Promise<FaultyWire> {
  const target = new URL(databaseUrl);
  const lines = new Set<Line>();
  const habits = { delayMs: 0, cutChance: 0, isBlackHole: false, commitsToCut: 0 };
  const cutAfter = new Map<string, number>();
  let cuts = 0;

  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const line: Line = { near, far, isDead: habits.isBlackHole };
    lines.add(line);
    let application: string | undefined;
    const watch = commitWatch((tag) => isWork(application ?? "", tag));
    let hasCommitted = false;
    const read = messageReader((type, body) => {
      hasCommitted ||= watch.see(type, body);
    });
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      // Out of a black hole comes no word of the other side's end.
      socket.on("error", () => {}).on("close", () => (line.isDead && socket === far) || drop(line));
    }
    near.on("data", (bytes: Buffer) => {
      application ??= applicationOf(bytes);
      pass(line, far, bytes);
    });
    far.on("data", (bytes: Buffer) => {
      hasCommitted = false;
      read(bytes);
      if (hasCommitted && habits.commitsToCut > 0) {
        habits.commitsToCut -= 1;
        cutAfter.set(application ?? "", (cutAfter.get(application ?? "") ?? 0) + 1);
        drop(line);
      } else pass(line, near, bytes);
    });
  });

  function pass(line: Line, to: Socket, bytes: Buffer): void {
    if (line.isDead) return;
    if (habits.cutChance > 0 && random.chance(habits.cutChance)) {
      cuts += 1;
      drop(line);
    } else if (habits.delayMs > 0) {
      // One delay for all keeps their order.
      setTimeout(() => to.destroyed || to.write(bytes), habits.delayMs);
    } else to.write(bytes);
  }

  function drop(line: Line): void {
    lines.delete(line);
    line.near.destroy();
    line.far.destroy();
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    delay: (ms) => {
      habits.delayMs = ms;
    },
    cutAtRandom: (chance) => {
      habits.cutChance = chance;
    },
    blackHole() {
      habits.isBlackHole = true;
      for (const line of lines) line.isDead = true;
    },
    cutAll() {
      for (const line of [...lines]) line.isDead || drop(line);
    },
    cutAfterCommit: (count) => {
      habits.commitsToCut = count;
    },
    calm() {
      Object.assign(habits, { delayMs: 0, cutChance: 0, isBlackHole: false, commitsToCut: 0 });
    },
    cutAfter,
    get cuts() {
      return cuts;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const { near, far } of lines) for (const socket of [near, far]) socket.destroy();
      }),
  };
}

/** The intake commits with its one statement; the worker's syncs with a COMMIT. */
function isWork(application: string, tag: string): boolean {
  if (application === "billhook intake") return tag.startsWith("SELECT");
  return application === "billhook" && tag.startsWith("COMMIT");
}
