import type { FaultSwitch } from "./control/faults.ts";
import type { RequestLog } from "./control/request-log.ts";
import type { Courier } from "./events/deliver.ts";
import type { Idempotency } from "./protocol/idempotency.ts";
import type { World } from "./state/world.ts";

/** What a running sandbox is made of: its API, its control and its pages all work on this. */
export type Box = {
  readonly world: World;
  readonly courier: Courier;
  readonly faults: FaultSwitch;
  readonly calls: RequestLog;
  readonly idempotency: Idempotency;
  /** Where it is reached, such as `http://127.0.0.1:12111`. */
  readonly origin: () => string;
  /** Does all that is due by now, and moves the test clocks that were told to move. */
  readonly tick: () => void;
};
