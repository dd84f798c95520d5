import { addDays, earliest, sameInstant } from "../time.ts";
import type { Comp, Entitling, Plan, State, Tier } from "./state.ts";

/** The tier an organization is entitled to at a moment, until when, and why, as a sentence. */
export type TierVerdict = { tierId: string; validUntil: Date | null; because: string };

type TierInput = Pick<
  State,
  "now" | "graceDays" | "tiers" | "plans" | "subscriptions" | "comps" | "unpaidSince"
> &
  Held;

/** The tier that an organization has so far, and until when it was to hold. */
type Held = { heldTierId: string; heldUntil: Date | null };

type Claim = {
  ref: string;
  tier: Tier;
  validUntil: Date | null;
  because: string;
  /** Of a price in no plan: whatever is held stays, which may be what another one entitles to. */
  onlyStays: boolean;
};
type Clock = Pick<TierInput, "now" | "graceDays" | "unpaidSince">;

/**
 * Recomputes the tier from everything that could entitle, subscriptions and what was given free of
 * charge: the highest tier wins, and among equals the one that lasts longest. What only lets the tier stay
 * makes nothing last that is about to end. A function of state and clock, so that it can be asked again at
 * any time.
 */
export function tierFor(input: TierInput): TierVerdict {
  const claims = [
    ...input.subscriptions.map((subscription) => claimOf(subscription, input)),
    claimOfComp(input),
  ].filter((claim) => claim !== undefined);
  const [best] = claims.sort(
    (a, b) =>
      b.tier.rank - a.tier.rank ||
      Number(a.onlyStays) - Number(b.onlyStays) ||
      lasts(b.validUntil) - lasts(a.validUntil) ||
      (a.ref < b.ref ? -1 : 1),
  );
  if (best) return { tierId: best.tier.id, validUntil: best.validUntil, because: best.because };

  const fallback = input.tiers.find((tier) => tier.isDefault);
  return {
    tierId: fallback?.id ?? tierThatStays(input),
    validUntil: null,
    because: whyNone(input.subscriptions, input),
  };
}

/** Whether a comp is why an organization has the tier that it has. */
export function isGiven(comp: Comp, { heldTierId, heldUntil }: Held): boolean {
  return comp.tierId === heldTierId && sameInstant(comp.endsAt, heldUntil);
}

/** Whether a subscription entitles at this moment, to whatever tier its plan gives. */
export function entitles(subscription: Entitling, clock: Clock): boolean {
  return entitledUntil(subscription, clock) !== "not";
}

function claimOf(subscription: Entitling, input: TierInput): Claim | undefined {
  const until = entitledUntil(subscription, input);
  if (until === "not") return undefined;
  const plan = input.plans.find((candidate) => candidate.id === subscription.planId);
  const tier = plan
    ? input.tiers.find((candidate) => candidate.id === plan.tierId)
    : input.tiers.find((candidate) => candidate.id === tierThatStays(input));
  if (!tier) return undefined;
  const because = whyEntitled(subscription, plan, until);
  return { ref: subscription.ref, tier, validUntil: until, because, onlyStays: !plan };
}

function claimOfComp(input: TierInput): Claim | undefined {
  const comp = input.comps.find(({ endsAt, endedAt }) => !endedAt && endsAt > input.now);
  if (!comp) return undefined;
  const tier = input.tiers.find((candidate) => candidate.id === comp.tierId);
  if (!tier) return undefined;
  const because = `${nameOf(comp, input)} is free of charge until ${day(comp.endsAt)}.`;
  return { ref: comp.id, tier, validUntil: comp.endsAt, because, onlyStays: false };
}

/** When it is over, or was. */
function overAt({ endsAt, endedAt }: Comp): Date {
  return endedAt ?? endsAt;
}

function nameOf({ planId, tierId }: Comp, { plans, tiers }: TierInput): string {
  const named =
    plans.find((plan) => plan.id === planId) ?? tiers.find((tier) => tier.id === tierId);
  return named?.name ?? "A tier";
}

/** Where nothing says another tier, the held one stays; but not what was only given for a time. */
function tierThatStays({ comps, ...held }: TierInput): string {
  return comps.find((comp) => isGiven(comp, held))?.tierBeforeId ?? held.heldTierId;
}

/** The moment up to which a subscription entitles; null without end; "not" when it does not. */
function entitledUntil(subscription: Entitling, clock: Clock): Date | null | "not" {
  switch (subscription.status) {
    case "active":
    case "trialing":
    case "past_due": {
      const end = endOf(subscription, clock);
      return end && end <= clock.now ? "not" : end;
    }
    case "incomplete":
    case "unpaid":
    case "paused":
    case "canceled":
      return "not";
  }
}

/** When it is to end: by being cancelled or, where it is past due, with its grace. */
function endOf(subscription: Entitling, clock: Omit<Clock, "now">): Date | null {
  if (subscription.status !== "past_due") return subscription.cancelAt;
  return earliest(graceEnds(subscription, clock), subscription.cancelAt);
}

/** An unpaid invoice says since when grace counts, if one is known. */
function graceEnds(subscription: Entitling, clock: Omit<Clock, "now">): Date | null {
  const since = clock.unpaidSince.get(subscription.ref) ?? subscription.pastDueSince;
  return since ? addDays(since, clock.graceDays) : null;
}

function lasts(until: Date | null): number {
  return until?.getTime() ?? Number.MAX_SAFE_INTEGER;
}

function whyEntitled(subscription: Entitling, plan: Plan | undefined, until: Date | null): string {
  if (!plan) {
    const price = subscription.priceRef ?? "The price";
    return `${price} of subscription ${subscription.ref} is in no plan, so the tier stays as it is.`;
  }
  const { ref, status, cancelAt } = subscription;
  const isGrace = status === "past_due" && !sameInstant(until, cancelAt);
  const end = until ? `, ${isGrace ? "with grace until" : "ending"} ${day(until)}` : "";
  const state = status === "trialing" ? "in trial" : status === "past_due" ? "past due" : "active";
  return `Subscription ${ref} is ${state} on ${plan.name}${end}.`;
}

function whyNone(subscriptions: readonly Entitling[], input: TierInput): string {
  const [last] = [...subscriptions].sort(
    (a, b) => stoppedAt(b, input) - stoppedAt(a, input) || (a.ref < b.ref ? 1 : -1),
  );
  const [comp] = input.comps;
  if (comp && (!last || overAt(comp).getTime() >= stoppedAt(last, input))) {
    return `${nameOf(comp, input)} was free of charge until ${day(overAt(comp))}.`;
  }
  if (!last) return "No subscription entitles to more.";
  const name = `Subscription ${last.ref}`;
  const end = endOf(last, input);
  switch (last.status) {
    case "active":
    case "trialing":
    case "past_due": {
      const isGrace = last.status === "past_due" && !sameInstant(end, last.cancelAt);
      const what = isGrace ? "is past due and its grace ended" : "ended";
      return `${name} ${what}${end ? ` ${day(end)}` : ""}.`;
    }
    case "incomplete":
    case "unpaid":
    case "paused":
    case "canceled":
      return `${name} is ${last.status}.`;
  }
}

/** When a subscription stopped entitling: what is unpaid or paused does so now, what never began never did. */
function stoppedAt(subscription: Entitling, clock: Clock): number {
  switch (subscription.status) {
    case "unpaid":
    case "paused":
      return Number.MAX_SAFE_INTEGER;
    case "active":
    case "trialing":
    case "past_due":
      return endOf(subscription, clock)?.getTime() ?? 0;
    case "canceled":
      return subscription.endedAt?.getTime() ?? 0;
    case "incomplete":
      return -1;
  }
}

function day(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
