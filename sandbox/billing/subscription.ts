/*
 * What the rest of the sandbox may do with subscriptions. Each emits its events and answers the
 * subscription as it is afterwards.
 *
 * createSubscription(world, given: NewSubscription): Started
 *   `Started = { subscription, invoice?, error? }`: `invoice` is the first one, `error` why its payment
 *   did not succeed (absent under `default_incomplete`). Throws 402 under `error_if_incomplete`.
 * updateSubscription(world, id, changes: SubscriptionChanges): Stripe.Subscription
 * cancelSubscription(world, id, cancellation: Cancellation): Stripe.Subscription
 */
export { cancelSubscription } from "./cancel.ts";
export { createSubscription, type Started } from "./subscription-create.ts";
export type {
  Cancellation,
  NewSubscription,
  SubscriptionChanges,
} from "./subscription-terms.ts";
export { updateSubscription } from "./subscription-update.ts";
