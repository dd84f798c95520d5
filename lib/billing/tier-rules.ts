import { addDays } from "../time.ts";
import type { Entitling, Plan, State, Tier } from "./state.ts";

/** The tier an organization is entitled to at a moment, until when, and why, as a sentence. */
export type TierVerdict = { tierId: string; validUntil: Date | null; because: string };

type TierInput = Pick<
  State,
  "now" | "graceDays" | "tiers" | "plans" | "subscriptions" | "unpaidSince"
> & { heldTierId: string };

type Claim = { tier: Tier; validUntil: Date | null; because: string };

/**
 * Recomputes the tier from everything that could entitle: the highest tier wins, and among equals the
 * one that lasts longest. A function of state and clock, so that it can be asked again at any time.
 */
export function tierFor(input: TierInput): TierVerdict {
  const claims = input.subscriptions
    .map((subscription) => claimOf(subscription, input))
    .filter((claim) => claim !== undefined);
  const [best] = claims.sort(
    (a, b) => b.tier.rank - a.tier.rank || lasts(b.validUntil) - lasts(a.validUntil),
  );
  if (best) return { tierId: best.tier.id, validUntil: best.validUntil, because: best.because };

  const fallback = input.tiers.find((tier) => tier.isDefault);
  return {
    tierId: fallback?.id ?? input.heldTierId,
    validUntil: null,
    because: whyNone(input.subscriptions, input),
  };
}

/** When grace ends for a past-due subscription: an unpaid invoice says since when, if one is known. */
export function graceEnds(
  subscription: Entitling,
  input: Pick<TierInput, "graceDays" | "unpaidSince">,
): Date | null {
  const since = input.unpaidSince.get(subscription.ref) ?? subscription.pastDueSince;
  return since ? addDays(since, input.graceDays) : null;
}

function claimOf(subscription: Entitling, input: TierInput): Claim | undefined {
  const until = entitledUntil(subscription, input);
  if (until === "not") return undefined;
  const plan = input.plans.find((candidate) => candidate.id === subscription.planId);
  const tier = plan
    ? input.tiers.find((candidate) => candidate.id === plan.tierId)
    : input.tiers.find((candidate) => candidate.id === input.heldTierId);
  if (!tier) return undefined;
  return { tier, validUntil: until, because: whyEntitled(subscription, plan, until) };
}

/** The moment up to which a subscription entitles; null without end; "not" when it does not. */
function entitledUntil(subscription: Entitling, input: TierInput): Date | null | "not" {
  switch (subscription.status) {
    case "active":
    case "trialing":
      return notAfter(subscription.cancelAt, input.now);
    case "past_due": {
      const grace = graceEnds(subscription, input);
      if (!grace) return notAfter(subscription.cancelAt, input.now);
      const end =
        subscription.cancelAt && subscription.cancelAt < grace ? subscription.cancelAt : grace;
      return notAfter(end, input.now);
    }
    case "incomplete":
    case "unpaid":
    case "paused":
    case "canceled":
      return "not";
  }
}

function notAfter(end: Date | null, now: Date): Date | null | "not" {
  return end && end <= now ? "not" : end;
}

function lasts(until: Date | null): number {
  return until?.getTime() ?? Number.MAX_SAFE_INTEGER;
}

function whyEntitled(subscription: Entitling, plan: Plan | undefined, until: Date | null): string {
  if (!plan) {
    const price = subscription.priceRef ?? "The price";
    return `${price} of subscription ${subscription.ref} is in no plan, so the tier stays as it is.`;
  }
  const name = `Subscription ${subscription.ref}`;
  if (subscription.status === "past_due") {
    const end = until ? `, with grace until ${day(until)}` : "";
    return `${name} is past due on ${plan.name}${end}.`;
  }
  const state = subscription.status === "trialing" ? "in trial" : "active";
  const end = until ? `, ending ${day(until)}` : "";
  return `${name} is ${state} on ${plan.name}${end}.`;
}

function whyNone(subscriptions: readonly Entitling[], input: TierInput): string {
  const [last] = [...subscriptions].sort(
    (a, b) => (b.endedAt?.getTime() ?? 0) - (a.endedAt?.getTime() ?? 0) || (a.ref < b.ref ? 1 : -1),
  );
  if (!last) return "No subscription entitles to more.";
  if (last.status === "past_due") {
    const end = graceEnds(last, input);
    return `Subscription ${last.ref} is past due and its grace ended${end ? ` ${day(end)}` : ""}.`;
  }
  if (last.status === "active" || last.status === "trialing") {
    return `Subscription ${last.ref} ended${last.cancelAt ? ` ${day(last.cancelAt)}` : ""}.`;
  }
  return `Subscription ${last.ref} is ${last.status.replaceAll("_", " ")}.`;
}

function day(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
