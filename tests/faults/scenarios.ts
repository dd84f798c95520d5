import type { Scenario } from "./scenario.ts";
import { commitCut } from "./scenarios/commit-cut.ts";
import { control } from "./scenarios/control.ts";
import { diskFull } from "./scenarios/disk-full.ts";
import { exhausted } from "./scenarios/exhausted.ts";
import { flood } from "./scenarios/flood.ts";
import { gatewayFaults } from "./scenarios/gateway-faults.ts";
import { killPostgres } from "./scenarios/kill-postgres.ts";
import { killWeb } from "./scenarios/kill-web.ts";
import { killWorker } from "./scenarios/kill-worker.ts";
import { longLock } from "./scenarios/long-lock.ts";
import { poison } from "./scenarios/poison.ts";
import { rolling } from "./scenarios/rolling.ts";
import { stopped } from "./scenarios/stopped.ts";
import { terminated } from "./scenarios/terminated.ts";
import { weakWire } from "./scenarios/weak-wire.ts";

/** Every harm that is done, in the order in which it is done. */
export const SCENARIOS: readonly Scenario[] = [
  control,
  killWeb,
  killWorker,
  killPostgres,
  terminated,
  commitCut,
  weakWire,
  stopped,
  exhausted,
  diskFull,
  longLock,
  gatewayFaults,
  poison,
  rolling,
  flood,
];
