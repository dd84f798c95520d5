/** What became of a request: its latency counts from when it was due, not from when it could be sent. */
export type Due = { readonly status: string; readonly ms: number };

/**
 * Sends at a constant rate, whatever becomes of it: the n-th request is due at n / rate. One that finds no
 * connection free waits, and that counts, as it does for the gateway's event that nobody answers. A
 * generator that waits for an answer before it sends would leave out all the requests that a stall would
 * have met (coordinated omission).
 */
export async function atRate(options: {
  readonly perSecond: number;
  readonly seconds: number;
  /** How many may be on their way at once. */
  readonly connections: number;
  /** Sends on the connection of this number and waits for the status. */
  send(connection: number, place: number): Promise<string>;
}): Promise<Due[]> {
  const { perSecond, seconds, connections, send } = options;
  const count = Math.round(perSecond * seconds);
  const free = Array.from({ length: connections }, (_, number) => connections - 1 - number);
  const done: Due[] = [];
  const began = performance.now();
  const dueAt = (place: number) => began + (place * 1_000) / perSecond;
  let next = 0;
  await new Promise<void>((resolve, reject) => {
    const sendDue = () => {
      while (next < count && free.length > 0 && dueAt(next) <= performance.now()) {
        const connection = free.pop() ?? 0;
        const place = next++;
        send(connection, place).then((status) => {
          done.push({ status, ms: performance.now() - dueAt(place) });
          free.push(connection);
          if (done.length === count) resolve();
          else sendDue();
        }, reject);
      }
    };
    const tick = () => {
      sendDue();
      // The clock of timers has whole milliseconds: what is due within one goes out together.
      if (next < count) setTimeout(tick, 1);
    };
    tick();
  });
  return done;
}
