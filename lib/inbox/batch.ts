import { AppError } from "../errors.ts";
import { within } from "./time-limit.ts";

/** What a failed flush says about its rows. */
export type Failure =
  /** Nothing is wrong with them: the same flush may well pass at once. */
  | "again"
  /** The store does not answer; so it would not for those who wait. */
  | "away"
  /** One of them cannot be stored, whoever tries. */
  | "row";

export type BatchOptions<Item, Outcome> = {
  /** Stores all items or none. One outcome for each, in their order. Stops when the signal says so. */
  flush(items: readonly Item[], signal: AbortSignal): Promise<readonly Outcome[]>;
  failureOf(error: unknown): Failure;
  readonly flushesAtOnce: number;
  /** How many must wait for a flush to start while another is on its way: small ones cost the most. */
  readonly rowsBesideAnother: number;
  readonly rowsPerFlush: number;
  readonly bytesPerFlush: number;
  readonly waitingRowsMax: number;
  readonly waitingBytesMax: number;
  /** For one flush with its retries. What comes later than that is too late for those who wait. */
  readonly timeLimitMs: number;
};

export type Batcher<Item, Outcome> = {
  /** Stores an item with whatever else is waiting; throws `not_yet` when the line is full or the store is away. */
  add(item: Item, bytes: number): Promise<Outcome>;
  /** Waits until nothing waits and nothing is on its way. */
  drain(): Promise<void>;
};

type Waiting<Item, Outcome> = {
  readonly item: Item;
  readonly bytes: number;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
};

const RETRIES_MAX = 3;

/**
 * Lets requests that arrive while a flush is on its way share the next one. No timer: whoever comes
 * when nothing is on its way waits for nobody, and under load one commit serves many.
 */
export function batcher<Item, Outcome>(
  options: BatchOptions<Item, Outcome>,
): Batcher<Item, Outcome> {
  const line: Waiting<Item, Outcome>[] = [];
  let bytesWaiting = 0;
  let flushing = 0;
  let starting = false;
  const whenIdle: (() => void)[] = [];

  function add(item: Item, bytes: number): Promise<Outcome> {
    const isFull =
      line.length >= options.waitingRowsMax || bytesWaiting + bytes > options.waitingBytesMax;
    if (isFull) {
      return Promise.reject(new AppError("not_yet", "More arrives than can be stored right now."));
    }
    return new Promise((resolve, reject) => {
      line.push({ item, bytes, resolve, reject });
      bytesWaiting += bytes;
      startSoon();
    });
  }

  /** After the sockets that are readable in this turn of the event loop, which costs nobody a wait. */
  function startSoon(): void {
    if (starting || !mayStart()) return;
    starting = true;
    setImmediate(() => {
      starting = false;
      while (mayStart()) void run(takeBatch());
    });
  }

  function mayStart(): boolean {
    if (line.length === 0 || flushing >= options.flushesAtOnce) return false;
    const isWorthIt =
      line.length >= options.rowsBesideAnother || bytesWaiting >= options.bytesPerFlush;
    return flushing === 0 || isWorthIt;
  }

  function takeBatch(): Waiting<Item, Outcome>[] {
    let rows = 0;
    let bytes = 0;
    for (const { bytes: more } of line) {
      if (rows === options.rowsPerFlush || (rows > 0 && bytes + more > options.bytesPerFlush))
        break;
      rows += 1;
      bytes += more;
    }
    bytesWaiting -= bytes;
    return line.splice(0, rows);
  }

  async function run(batch: readonly Waiting<Item, Outcome>[]): Promise<void> {
    flushing += 1;
    try {
      await settle(batch);
    } finally {
      flushing -= 1;
      if (line.length > 0) startSoon();
      else if (flushing === 0) for (const done of whenIdle.splice(0)) done();
    }
  }

  /** Settles everyone in a batch. One row that cannot be stored fails alone. */
  async function settle(batch: readonly Waiting<Item, Outcome>[]): Promise<void> {
    try {
      const outcomes = await attempt(batch.map((each) => each.item));
      batch.forEach((each, place) => {
        const outcome = outcomes[place];
        if (outcome === undefined) each.reject(new Error("The flush forgot a row."));
        else each.resolve(outcome);
      });
    } catch (error) {
      if (options.failureOf(error) !== "row") giveUp(batch, error);
      else if (batch.length === 1) for (const each of batch) each.reject(error);
      else await settleOneByOne(batch);
    }
  }

  async function settleOneByOne(batch: readonly Waiting<Item, Outcome>[]): Promise<void> {
    for (const [place, each] of batch.entries()) {
      try {
        const [outcome] = await attempt([each.item]);
        if (outcome === undefined) throw new Error("The flush forgot a row.");
        each.resolve(outcome);
      } catch (error) {
        if (options.failureOf(error) !== "row") return giveUp(batch.slice(place), error);
        each.reject(error);
      }
    }
  }

  /** Nobody waits longer for a store that is away: whoever stands in line is told as well. */
  function giveUp(batch: readonly Waiting<Item, Outcome>[], cause: unknown): void {
    const everyone = [...batch, ...line.splice(0)];
    bytesWaiting = 0;
    for (const each of everyone) {
      each.reject(new AppError("not_yet", "The database does not answer.", { cause }));
    }
  }

  async function attempt(items: readonly Item[]): Promise<readonly Outcome[]> {
    const deadline = AbortSignal.timeout(options.timeLimitMs);
    for (let tried = 0; ; tried += 1) {
      try {
        return await within(deadline, options.flush(items, deadline));
      } catch (error) {
        const mayTryAgain = options.failureOf(error) === "again" && tried < RETRIES_MAX;
        if (!mayTryAgain || deadline.aborted) throw error;
        await new Promise((resolve) => setTimeout(resolve, (tried + Math.random()) * 20));
      }
    }
  }

  async function drain(): Promise<void> {
    while (line.length > 0 || flushing > 0) {
      await new Promise<void>((resolve) => whenIdle.push(resolve));
    }
  }

  return { add, drain };
}
