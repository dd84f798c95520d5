/** Numbers that repeat with their seed, so that a run can be played again. */
export type Random = {
  /** A whole number from 0 to below the limit. */
  below(limit: number): number;
  state(): number;
  resume(state: number): void;
};

/** Mulberry32: small, and good enough to name things and to shuffle deliveries; never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    below(limit) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit);
    },
    state: () => state,
    resume(to) {
      state = to >>> 0;
    },
  };
}
