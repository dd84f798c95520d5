import type { World } from "../state/world.ts";
import type { Answer, Asked } from "./call.ts";
import { StripeError } from "./errors.ts";

/** What was answered to a call that named its intention, kept for a day. */
export type KeptAnswer = {
  readonly key: string;
  readonly address: string;
  readonly params: string;
  readonly until: number;
  readonly answer: Answer;
};

/** Remembers answers by `Idempotency-Key`, so that a call made twice is done once. */
export type Idempotency = {
  /** Says whether the key is free of a call that is still going on, and takes it. */
  begin(key: string): boolean;
  end(key: string): void;
  /** The answer to the same call; refuses the key for another call with 400 `idempotency_error`. */
  recall(key: string, asked: Asked): Answer | undefined;
  keep(key: string, asked: Asked, answer: Answer): void;
  kept(): KeptAnswer[];
  restore(kept: readonly KeptAnswer[]): void;
};

/** (memory) How long Stripe remembers. */
const KEPT_SECONDS = 24 * 60 * 60;

export function createIdempotency(world: World): Idempotency {
  const busy = new Set<string>();
  const byKey = new Map<string, KeptAnswer>();
  return {
    begin(key) {
      if (busy.has(key)) return false;
      busy.add(key);
      return true;
    },
    end(key) {
      busy.delete(key);
    },
    recall(key, asked) {
      const kept = byKey.get(key);
      if (!kept || kept.until <= world.now(null)) return undefined;
      checkSame(kept, asked);
      const original = kept.answer.headers["request-id"] ?? "";
      return {
        ...kept.answer,
        headers: {
          ...kept.answer.headers,
          "idempotent-replayed": "true",
          "original-request": original,
        },
      };
    },
    keep(key, asked, answer) {
      const now = world.now(null);
      for (const [old, { until }] of byKey) {
        if (until > now) break;
        byKey.delete(old);
      }
      byKey.delete(key);
      const { address } = asked;
      byKey.set(key, { key, address, params: paramsOf(asked), until: now + KEPT_SECONDS, answer });
    },
    kept: () => [...byKey.values()],
    restore(kept) {
      byKey.clear();
      for (const one of kept) byKey.set(one.key, one);
    },
  };
}

function checkSame(kept: KeptAnswer, asked: Asked): void {
  if (kept.address !== asked.address) {
    throw clash(
      `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${asked.address}' vs '${kept.address}'). Try using a key other than '${kept.key}' if you meant to execute a different request.`,
    );
  }
  if (kept.params !== paramsOf(asked)) {
    throw clash(
      `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${kept.key}' if you meant to execute a different request.`,
    );
  }
}

/** The same parameters in another order are the same. */
function paramsOf({ query, body }: Asked): string {
  const pairs = [...new URLSearchParams(query), ...new URLSearchParams(body)];
  return JSON.stringify(pairs.map((pair) => pair.join("=")).toSorted());
}

function clash(message: string): StripeError {
  return new StripeError(400, { type: "idempotency_error", message });
}

/** A second call with a key whose first is not answered yet. */
export function inUse(key: string): StripeError {
  return new StripeError(409, {
    type: "idempotency_error",
    code: "idempotency_key_in_use",
    message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. You can try again later.`,
  });
}
