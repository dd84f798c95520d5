import { z } from "zod";
import { type Random, seededRandom } from "../state/random.ts";

const share = z.number().min(0).max(1);

/** What goes wrong on purpose; a share is of all deliveries or calls, from 0 to 1. */
export const faultsSchema = z.strictObject({
  /** The same seed draws the same faults again. */
  seed: z.number().int().nonnegative(),
  deliveries: z.strictObject({
    /** Sent twice. */
    duplicate: share,
    /** So many are held back and sent shuffled; 0 and 1 keep the order. */
    reorder: z.number().int().min(0).max(1_000),
    /** Sent later by `delayMilliseconds`, out of order. */
    delay: share,
    delayMilliseconds: z.number().int().min(0).max(600_000),
    /** Never sent, unless resent by hand. */
    drop: share,
    /** Signed with a secret that nobody has. */
    badSignature: share,
  }),
  calls: z.strictObject({
    /** 500, and nothing was done. */
    error: share,
    /** 429, and nothing was done. */
    rateLimit: share,
    /** Done, and never answered. */
    timeout: share,
    timeoutMilliseconds: z.number().int().min(0).max(600_000),
  }),
});

export type Faults = z.output<typeof faultsSchema>;

/** A change to some of the faults; the others stay. */
export const faultsChange = z.strictObject({
  seed: faultsSchema.shape.seed.optional(),
  deliveries: faultsSchema.shape.deliveries.partial().optional(),
  calls: faultsSchema.shape.calls.partial().optional(),
});

export const NO_FAULTS: Faults = {
  seed: 1,
  deliveries: {
    duplicate: 0,
    reorder: 0,
    delay: 0,
    delayMilliseconds: 1_000,
    drop: 0,
    badSignature: 0,
  },
  calls: { error: 0, rateLimit: 0, timeout: 0, timeoutMilliseconds: 30_000 },
};

/** The switch for faults, and what it draws. */
export type FaultSwitch = {
  now(): Faults;
  change(to: z.output<typeof faultsChange>): Faults;
  /** Whether this one is of the share. Draws nothing while the share is 0, so that others repeat. */
  hits(share: number): boolean;
  random(): Random;
};

export function createFaults(): FaultSwitch {
  let faults = NO_FAULTS;
  let random = seededRandom(faults.seed);
  return {
    now: () => faults,
    change(to) {
      faults = {
        seed: to.seed ?? faults.seed,
        deliveries: { ...faults.deliveries, ...defined(to.deliveries) },
        calls: { ...faults.calls, ...defined(to.calls) },
      };
      random = seededRandom(faults.seed);
      return faults;
    },
    hits: (of) => of > 0 && random.below(1_000_000) < of * 1_000_000,
    random: () => random,
  };
}

function defined<T extends object>(
  given: T | undefined,
): { [K in keyof T]?: Exclude<T[K], undefined> };
function defined(given: object | undefined): object {
  return Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined));
}

/** The same things in an order that the seed decides. */
export function shuffled<T>(things: readonly T[], random: Random): T[] {
  const left = [...things];
  return things.flatMap(() => left.splice(random.below(left.length), 1));
}
