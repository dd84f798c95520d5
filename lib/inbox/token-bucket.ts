import { addressKey } from "../address-key.ts";

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

type Limits = { capacity: number; perSecond: number; sourcesMax: number };

/** A bucket for each address that is known. Remembers so many; whoever was quiet longest is forgotten first. */
export function bucketsBySource({ capacity, perSecond, sourcesMax }: Limits) {
  const buckets = new Map<string, { take(): boolean }>();
  return {
    take(address: string | undefined): boolean {
      if (address === undefined) return true;
      const source = addressKey(address);
      const bucket = buckets.get(source) ?? tokenBucket(capacity, perSecond);
      buckets.delete(source);
      buckets.set(source, bucket);
      const [quietest] = buckets.keys();
      if (buckets.size > sourcesMax && quietest !== undefined) buckets.delete(quietest);
      return bucket.take();
    },
  };
}
