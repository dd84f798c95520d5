import { included, mayInclude } from "../includes.ts";
import type { Kind } from "../state/kinds.ts";
import type { World } from "../state/world.ts";
import { invalid, type StripeError } from "./errors.ts";

const DEPTH_MAX = 4;

/** Members that hold an id, and what it is an id of; null where the sandbox never has such a thing. */
const REFERENCES: Readonly<Record<string, Kind | null>> = {
  application: null,
  applies_to: null,
  balance_transaction: "balance_transaction",
  billing_portal_configuration: "billing_portal.configuration",
  charge: "charge",
  checkout_session: "checkout.session",
  configuration: "billing_portal.configuration",
  connected_account: null,
  coupon: "coupon",
  credit_note: "credit_note",
  customer: "customer",
  customer_balance_transaction: "customer_balance_transaction",
  default_account_tax_ids: null,
  default_payment_method: "payment_method",
  default_price: "price",
  default_source: "payment_method",
  default_tax_rates: null,
  discount: "discount",
  discounts: "discount",
  dispute: "dispute",
  failure_balance_transaction: "balance_transaction",
  from_invoice: "invoice",
  from_subscription: "subscription",
  invoice: "invoice",
  latest_attempt: null,
  latest_charge: "charge",
  latest_invoice: "invoice",
  latest_revision: "invoice",
  mandate: null,
  on_behalf_of: null,
  payment_intent: "payment_intent",
  payment_link: null,
  payment_method: "payment_method",
  pending_setup_intent: "setup_intent",
  price: "price",
  product: "product",
  promotion_code: "promotion_code",
  quote: null,
  refund: "refund",
  released_subscription: "subscription",
  review: null,
  schedule: "subscription_schedule",
  setup_intent: "setup_intent",
  single_use_mandate: null,
  source: "charge",
  source_transfer: null,
  subscription: "subscription",
  test_clock: "test_helpers.test_clock",
  transfer: null,
  transfer_reversal: null,
};

/** References that are simply absent from their object where there is nothing to refer to. */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  charge: ["transfer"],
  coupon: ["applies_to"],
  refund: ["failure_balance_transaction"],
};

type Asked = Map<string, Asked>;
type Within = { readonly world: World; readonly isOlder: boolean };

/** The answer with the object in the place of each id that a path of `expand` names, and what it includes. */
export function expandAll(
  world: World,
  answer: object,
  paths: readonly string[],
  isOlder: boolean,
): object {
  if (paths.length === 0) return answer;
  const asked: Asked = new Map();
  for (const path of paths) {
    const steps = path.split(".");
    if (steps.length > DEPTH_MAX) {
      throw invalid(
        `You cannot expand more than ${DEPTH_MAX} levels of a property. Property: ${path}`,
        {
          param: "expand",
        },
      );
    }
    let at = asked;
    for (const step of steps) {
      const next: Asked = at.get(step) ?? new Map();
      at.set(step, next);
      at = next;
    }
  }
  return expandObject({ world, isOlder }, answer, asked, true);
}

function expandObject(within: Within, object: object, asked: Asked, isTop = false): object {
  const members = new Map<string, unknown>(Object.entries(object));
  for (const [name, deeper] of asked) {
    const value = members.get(name);
    const resolved =
      value === undefined
        ? includedIn(within, object, name, isTop)
        : resolve(within.world, name, value, deeper.size === 0);
    if (resolved !== undefined) members.set(name, expandIn(within, resolved, deeper));
  }
  return Object.fromEntries(members);
}

function expandIn(within: Within, value: unknown, asked: Asked): unknown {
  if (asked.size === 0 || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => expandIn(within, item, asked));
  return expandObject(within, value, asked);
}

function resolve(world: World, name: string, value: unknown, isLast: boolean): unknown {
  const kind = REFERENCES[name];
  const isReference = kind !== undefined;
  if (value === null) {
    if (isReference || !isLast) return null;
    throw unexpandable(name);
  }
  if (typeof value === "string") {
    if (!isReference) throw unexpandable(name);
    return kind === null ? value : objectOf(world, kind, value);
  }
  if (Array.isArray(value)) {
    if (isReference) return value.map((item) => resolve(world, name, item, isLast));
    if (isLast) throw unexpandable(name);
    return value;
  }
  if (typeof value !== "object") throw unexpandable(name);
  // A list that is always there may be named for itself; any other object is no reference to expand.
  const isWhole = isLast && !isReference && !("object" in value && value.object === "list");
  if (isWhole) throw unexpandable(name);
  return value;
}

function objectOf(world: World, kind: Kind, id: string): unknown {
  const gone = world.get("deleted", id);
  return (
    world.get(kind, id) ?? (kind === "charge" ? world.get("refund", id) : undefined) ?? gone ?? id
  );
}

function includedIn(within: Within, object: object, name: string, isTop: boolean): unknown {
  const value = included(within.world, object, name, within.isOlder);
  if (value !== undefined) return value;
  const kind = "object" in object && typeof object.object === "string" ? object.object : undefined;
  const mayLack = kind === undefined || "deleted" in object || OPTIONAL[kind]?.includes(name);
  if (name in REFERENCES && mayLack) return undefined;
  // Paths are checked by what is asked for, not by what is there: of a deleted object nothing is left.
  if (kind && "deleted" in object && mayInclude(kind, name, within.isOlder)) return undefined;
  throw unexpandable(name, isTop && kind === "list");
}

function unexpandable(name: string, isInList = false): StripeError {
  const hint = isInList ? ` You may want to try expanding 'data.${name}' instead.` : "";
  return invalid(`This property cannot be expanded (${name}).${hint}`, { param: "expand" });
}
