import type { Figure } from "./figure.ts";

/** Everything that is measured, in the order in which it stands in docs/benchmarks.md. */
export const FIGURES: readonly Figure<unknown>[] = [];
