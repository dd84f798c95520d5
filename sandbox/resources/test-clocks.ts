import type Stripe from "stripe";
import type { z } from "zod";
import { latestAdvance } from "../clock/limit.ts";
import { emit } from "../events/emit.ts";
import { invalid } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { moment, page, params, text, unmodelled } from "../protocol/params.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";

type TestClock = Stripe.TestHelpers.TestClock;

const createParams = params<Stripe.TestHelpers.TestClockCreateParams>()({
  frozen_time: moment(),
  customer: unmodelled(),
  name: text().max(300).optional(),
});
const advanceParams = params<Stripe.TestHelpers.TestClockAdvanceParams>()({
  frozen_time: moment(),
});

const KEPT_SECONDS = 30 * 24 * 60 * 60;

function createClock(world: World, given: z.output<typeof createParams>): TestClock {
  const created = world.now(null);
  const clock = world.put("test_helpers.test_clock", {
    id: world.newId("clock"),
    object: "test_helpers.test_clock",
    created,
    deletes_after: created + KEPT_SECONDS,
    frozen_time: given.frozen_time,
    livemode: false,
    name: given.name ?? null,
    status: "ready",
    status_details: {},
  } satisfies TestClock);
  emit(world, "test_helpers.test_clock.created", clock);
  return clock;
}

/** Says that the clock moves; `clock/test-clocks.ts` moves it as soon as this is answered. */
function beginAdvance(world: World, clock: TestClock, to: number): TestClock {
  if (clock.status !== "ready") {
    throw invalid("The test clock is not ready: it is still advancing, or an advance has failed.");
  }
  if (to <= clock.frozen_time) {
    throw invalid("A test clock can only be advanced to a time after its current frozen time.", {
      param: "frozen_time",
    });
  }
  const latest = latestAdvance(world, clock);
  if (to > latest) {
    throw invalid(
      `A test clock can be advanced by at most two intervals of the shortest subscription, or two years where there is none: to ${latest} at the latest.`,
      { param: "frozen_time" },
    );
  }
  const advancing = world.put("test_helpers.test_clock", {
    ...clock,
    status: "advancing",
    status_details: { advancing: { target_frozen_time: to } },
  });
  emit(world, "test_helpers.test_clock.advancing", advancing);
  return advancing;
}

/** What belongs to a customer and goes with the test clock. */
const OWNED = [
  "subscription",
  "subscription_schedule",
  "invoiceitem",
  "invoice",
  "credit_note",
  "customer_balance_transaction",
  "payment_intent",
  "setup_intent",
  "payment_method",
  "charge",
  "checkout.session",
] as const;

function deleteClock(world: World, clock: TestClock): Stripe.TestHelpers.DeletedTestClock {
  const customers = new Set(
    world
      .all("customer")
      .filter(({ test_clock }) => test_clock === clock.id)
      .map(({ id }) => id),
  );
  for (const kind of OWNED) {
    for (const object of world.all(kind)) {
      if (customers.has(idOf(object.customer) ?? "")) world.remove(kind, object.id);
    }
  }
  for (const id of customers) {
    world.remove("customer", id);
    world.put("deleted", { id, object: "customer", deleted: true });
  }
  world.remove("test_helpers.test_clock", clock.id);
  emit(world, "test_helpers.test_clock.deleted", clock);
  return { id: clock.id, object: "test_helpers.test_clock", deleted: true };
}

function clockOf(world: World, id = ""): TestClock {
  return mustFind(world, "test_helpers.test_clock", id, { what: "test clock" });
}

const HOME = "/v1/test_helpers/test_clocks";

export const testClockOperations: readonly Operation[] = [
  operation(`POST ${HOME}`, createParams, ({ world, params }) => createClock(world, params)),
  operation(
    `GET ${HOME}`,
    params<Stripe.TestHelpers.TestClockListParams>()(page),
    ({ world, params }) => pageOf(HOME, world.all("test_helpers.test_clock"), params),
  ),
  operation(
    `GET ${HOME}/:id`,
    params<Stripe.TestHelpers.TestClockRetrieveParams>()({}),
    ({ world, path }) => clockOf(world, path.id),
  ),
  operation(
    `DELETE ${HOME}/:id`,
    params<Stripe.TestHelpers.TestClockDeleteParams>()({}),
    ({ world, path }) => deleteClock(world, clockOf(world, path.id)),
  ),
  operation(`POST ${HOME}/:id/advance`, advanceParams, ({ world, params, path }) =>
    beginAdvance(world, clockOf(world, path.id), params.frozen_time),
  ),
];
