import type { World } from "../../state/world.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { olderInvoice, olderLine } from "./invoice.ts";
import { at } from "./members.ts";
import { olderCharge, olderDiscount, olderIntent } from "./payment.ts";
import { olderItem, olderSubscription } from "./subscription.ts";

type Older = (world: World, json: JsonObject) => JsonObject;

const OLDER: Readonly<Record<string, Older>> = {
  charge: olderCharge,
  discount: olderDiscount,
  invoice: olderInvoice,
  line_item: olderLine,
  payment_intent: olderIntent,
  subscription: olderSubscription,
  subscription_item: olderItem,
};

/** An answer in the shape it had before 2025-03-31, from the inside out. */
export function olderShape(world: World, json: Json): Json {
  if (Array.isArray(json)) return json.map((item) => olderShape(world, item));
  if (!isJsonObject(json)) return json;
  const inner = Object.fromEntries(
    Object.entries(json).map(([name, value]) => [name, olderShape(world, value)]),
  );
  const kind = at(json, "object");
  // Checkout's and credit notes' lines are no invoice's; those know their invoice's or their own parent.
  if (kind === "line_item" && !("parent" in json)) return inner;
  const older = typeof kind === "string" ? OLDER[kind] : undefined;
  return older ? older(world, inner) : inner;
}

/** `previous_attributes` in that shape, for the object as it is now in that shape. */
export function olderPrevious(world: World, previous: Json, now: Json): Json {
  if (!isJsonObject(previous)) return previous;
  const before = olderShape(world, previous);
  if (!isJsonObject(before)) return before;
  switch (at(now, "object")) {
    case "subscription":
      return previousSubscription(before, now);
    case "invoice":
      return "status" in before && at(now, "paid") === true ? { ...before, paid: false } : before;
    default:
      return before;
  }
}

/** Periods were the subscription's own before they were its items'; see `raw` for where they are now. */
function previousSubscription(before: JsonObject, now: Json): Json {
  const items = at(before, "items", "data");
  const first = Array.isArray(items) ? items[0] : undefined;
  const own: JsonObject = {};
  for (const name of ["current_period_start", "current_period_end", "plan", "quantity"]) {
    const was = at(first, name);
    if (was !== null && JSON.stringify(was) !== JSON.stringify(at(now, name))) own[name] = was;
  }
  return { ...before, ...own };
}
