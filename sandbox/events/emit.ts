import type Stripe from "stripe";
import { API_VERSION } from "../protocol/version.ts";
import type { ClockRef, World } from "../state/world.ts";
import { previousAttributes } from "./previous-attributes.ts";

type EventType = Stripe.Event["type"];
type ObjectOf<Type extends EventType> = Extract<Stripe.Event, { type: Type }>["data"]["object"];

/**
 * Records that something happened to an object, by the clock it lives under. With the object as it was
 * before, the event says what changed (`previous_attributes`).
 */
export function emit<Type extends EventType>(
  world: World,
  type: Type,
  object: ObjectOf<Type> & object,
  {
    before,
    clock = clockOf(world, object),
  }: { before?: object | undefined; clock?: ClockRef } = {},
): void {
  const previous = before && previousAttributes(before, object);
  world.record({
    id: world.newId("evt"),
    object: "event",
    api_version: API_VERSION,
    created: world.now(clock),
    type,
    livemode: false,
    pending_webhooks: 0,
    request: { ...world.cause },
    data: previous ? { object, previous_attributes: previous } : { object },
  });
}

/** The clock that an object lives under: its own, or its customer's. */
export function clockOf(world: World, object: object): ClockRef {
  if ("test_clock" in object && typeof object.test_clock === "string") return object.test_clock;
  if (!("customer" in object) || typeof object.customer !== "string") return null;
  const clock = world.get("customer", object.customer)?.test_clock;
  return typeof clock === "string" ? clock : null;
}
