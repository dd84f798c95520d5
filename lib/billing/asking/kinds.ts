import { change, dropPlanned, dropUnpaid } from "../changing/send.ts";
import type { Kind } from "./kind.ts";

/** Everything that can be asked, by the name that it has in the database. */
export const KINDS = {
  "subscription.change": change,
  "subscription.drop_planned_change": dropPlanned,
  "subscription.drop_unpaid_change": dropUnpaid,
} satisfies Readonly<Record<string, Kind>>;

export type KindName = keyof typeof KINDS;
