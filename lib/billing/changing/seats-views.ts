import { and, eq, gt, inArray } from "drizzle-orm";
import { db } from "#db/client.ts";
import { entitlements, organizations, subscriptions } from "#db/schema/index.ts";
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
      .where(
        and(
          eq(subscriptions.organizationId, organizationId),
          eq(subscriptions.mode, config().mode),
          inArray(subscriptions.status, ["trialing", "active", "past_due"]),
          // Whoever pays for one pays for the organization, not by the seat.
          gt(subscriptions.quantity, 1),
        ),
      ),
  ]);
  const limits = [...allowed, ...paid].flatMap(({ seats }) => (seats === null ? [] : [seats]));
  return { used, all: limits.length > 0 ? Math.min(...limits) : null };
}
