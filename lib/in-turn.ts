/** Does work under one name one after the other, in the order that it came; under other names beside it. */
export type InTurn = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** Turns among those who share this. It saves waiting for each other in the database, and promises nothing. */
export function inTurns(): InTurn {
  const last = new Map<string, Promise<void>>();
  return async (name, work) => {
    const before = last.get(name);
    const { promise: done, resolve: leave } = Promise.withResolvers<void>();
    last.set(name, done);
    try {
      await before;
      return await work();
    } finally {
      leave();
      if (last.get(name) === done) last.delete(name);
    }
  };
}
