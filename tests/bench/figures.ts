import type { Figure } from "./figure.ts";
import { footprint } from "./figures/footprint.ts";
import { ingestFigure } from "./figures/ingest.ts";
import { latency } from "./figures/latency.ts";
import { logPages, logPages10M } from "./figures/log-pages.ts";
import { rate } from "./figures/rate.ts";
import { refusals } from "./figures/refusals.ts";
import { sandbox } from "./figures/sandbox.ts";
import { siege } from "./figures/siege.ts";

/** Everything that is measured, in the order in which it stands in docs/benchmarks.md. */
export const FIGURES: readonly Figure<unknown>[] = [
  ingestFigure,
  rate,
  latency,
  refusals,
  siege,
  logPages,
  logPages10M,
  footprint,
  sandbox,
];
