import type { Answer } from "./answer.ts";

/** Answers by their `Idempotency-Key`. */
export type IdempotencyKeys = Map<string, Answer>;
