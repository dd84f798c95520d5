import type { Box } from "../box.ts";
import { secretsOf } from "../events/endpoints.ts";
import type { Kind } from "../state/kinds.ts";
import { settingsOf } from "./settings.ts";

const COUNTED = [
  "customer",
  "subscription",
  "invoice",
  "payment_intent",
  "charge",
  "refund",
  "dispute",
  "event",
] as const satisfies readonly Kind[];

/** What the control page shows at a glance. */
export function stateOf({ world, faults, courier, origin }: Box) {
  return {
    origin: origin(),
    now: world.now(null),
    clocks: world.all("test_helpers.test_clock"),
    counts: Object.fromEntries(COUNTED.map((kind) => [kind, world.all(kind).length])),
    settings: { ...settingsOf(world), retryMilliseconds: courier.retries() },
    faults: faults.now(),
    endpoints: world
      .all("webhook_endpoint")
      .map((endpoint) => ({ ...endpoint, secret: secretsOf(world, endpoint.id, 0)[0] })),
    customers: world.all("customer").map((customer) => ({
      id: customer.id,
      name: customer.name ?? null,
      email: customer.email,
      balance: customer.balance,
      cards: cardsOf(world, customer.id),
    })),
    subscriptions: world.all("subscription"),
    waitingIntents: [...world.all("payment_intent"), ...world.all("setup_intent")].filter(
      ({ status }) => status === "requires_action",
    ),
    disputes: world.all("dispute"),
    refunds: world.all("refund"),
  };
}

/** Which cards a customer has, and what their next charge will do. */
function cardsOf(world: Box["world"], customer: string) {
  return world
    .all("payment_method")
    .filter((method) => method.customer === customer)
    .map(({ id, card }) => ({
      id,
      last4: card?.last4 ?? null,
      nextCharge: world.get("card", id)?.nextCharge ?? null,
    }));
}
