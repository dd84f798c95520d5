import { and, eq, inArray } from "drizzle-orm";
import { db } from "#db/client.ts";
import { entitlements, organizations, plans, subscriptions } from "#db/schema/index.ts";
import type { Member } from "../../actor.ts";
import { config } from "../../config.ts";
import { SEATS, seatsInUse } from "./store.ts";

/** How many seats an organization uses, open invitations included, and how many there are; null for any number. */
export type Seats = { readonly used: number; readonly all: number | null };

/** Seats of the actor's own organization: what its tier allows, and what is paid for by the seat. */
export async function seatsOf({ organizationId }: Member): Promise<Seats> {
  const [used, allowed, paid] = await Promise.all([
    seatsInUse(db(), organizationId),
    db()
      .select({ seats: entitlements.limitValue })
      .from(entitlements)
      .innerJoin(organizations, eq(organizations.tierId, entitlements.tierId))
      .where(
        and(
          eq(organizations.id, organizationId),
          eq(entitlements.key, SEATS),
          eq(entitlements.isIncluded, true),
        ),
      ),
    db()
      .select({ seats: subscriptions.quantity })
      .from(subscriptions)
      .innerJoin(plans, eq(plans.id, subscriptions.planId))
      .where(
        and(
          eq(subscriptions.organizationId, organizationId),
          eq(subscriptions.mode, config().mode),
          inArray(subscriptions.status, ["trialing", "active", "past_due"]),
          eq(plans.isPerSeat, true),
        ),
      ),
  ]);
  const limits = [...allowed, ...paid].flatMap(({ seats }) => (seats === null ? [] : [seats]));
  return { used, all: limits.length > 0 ? Math.min(...limits) : null };
}
