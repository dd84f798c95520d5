import type { Kind } from "./kind.ts";

/** Everything that can be asked, by the name that it has in the database. */
export const KINDS = {} satisfies Readonly<Record<string, Kind<never>>>;

export type KindName = keyof typeof KINDS;
