import type { Operation } from "./protocol/operation.ts";
import { customerOperations } from "./resources/customers.ts";

/** Everything that the sandbox's API can do. Each resource adds its own. */
export const operations: readonly Operation[] = [...customerOperations];
