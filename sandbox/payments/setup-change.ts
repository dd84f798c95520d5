import type Stripe from "stripe";
import { missing } from "../protocol/errors.ts";
import { mergeMetadata } from "../protocol/params.ts";
import type { World } from "../state/world.ts";
import { checkOwner, checkUsable, methodNamed } from "./methods.ts";
import { setupOf, unexpectedSetup } from "./setup.ts";

export type SetupChanges = {
  readonly customer?: string | undefined;
  readonly paymentMethod?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  readonly description?: string | null | undefined;
  readonly allowedTypes?: readonly string[] | undefined;
};

/** Changes what an intent to save a card is for. Stripe has no event for it. */
export function changeSetup(world: World, id: string, changes: SetupChanges): Stripe.SetupIntent {
  const before = setupOf(world, id);
  const { customer = before.customer, paymentMethod, description, allowedTypes } = changes;
  if (typeof customer === "string" && !world.get("customer", customer)) {
    throw missing("customer", customer, "customer");
  }
  const isOther = customer !== before.customer || paymentMethod !== undefined;
  if (isOther && (before.status === "succeeded" || before.status === "canceled")) {
    throw unexpectedSetup(
      `You cannot update this SetupIntent because it has a status of ${before.status}.`,
    );
  }
  const method = paymentMethod === undefined ? undefined : methodNamed(world, paymentMethod);
  if (method) {
    checkUsable(world, method);
    checkOwner(method, customer);
  }
  return world.put("setup_intent", {
    ...before,
    ...(allowedTypes
      ? {
          allowed_payment_method_types: [...allowedTypes],
          automatic_payment_methods: null,
          payment_method_types: [...allowedTypes],
        }
      : {}),
    customer,
    ...(description === undefined ? {} : { description }),
    metadata: mergeMetadata(before.metadata, changes.metadata),
    ...(method
      ? { next_action: null, payment_method: method.id, status: "requires_confirmation" }
      : {}),
  });
}
