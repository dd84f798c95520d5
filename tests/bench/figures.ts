import type { Figure } from "./figure.ts";
import { backlog } from "./figures/backlog.ts";
import { flood } from "./figures/flood.ts";
import { footprint } from "./figures/footprint.ts";
import { hot } from "./figures/hot.ts";
import { ingestFigure } from "./figures/ingest.ts";
import { latency } from "./figures/latency.ts";
import { logPages, logPages10M } from "./figures/log-pages.ts";
import { poison } from "./figures/poison.ts";
import { portal } from "./figures/portal.ts";
import { rate } from "./figures/rate.ts";
import { refusals } from "./figures/refusals.ts";
import { sandbox } from "./figures/sandbox.ts";
import { siege } from "./figures/siege.ts";

/** Everything that is measured, in the order in which it stands in docs/benchmarks.md. */
export const FIGURES: readonly Figure<unknown>[] = [
  ingestFigure,
  rate,
  latency,
  portal,
  refusals,
  siege,
  backlog,
  hot,
  poison,
  flood,
  logPages,
  logPages10M,
  footprint,
  sandbox,
];
