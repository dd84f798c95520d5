/** Allows so many at once, and then so many a second: for what must stay cheap under a flood. */
export function tokenBucket(capacity: number, perSecond: number): { take(): boolean } {
  let tokens = capacity;
  let at = performance.now();
  return {
    take() {
      const now = performance.now();
      tokens = Math.min(capacity, tokens + ((now - at) / 1_000) * perSecond);
      at = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
