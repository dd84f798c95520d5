import { and, eq, gt, inArray, isNull, or, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import {
  comps,
  entitlements,
  invitations,
  members,
  organizations,
  plans,
  subscriptions,
} from "#db/schema/index.ts";
import type { Administrator, Member } from "#lib/actor.ts";
import { config } from "#lib/config.ts";
import { AppError } from "#lib/errors.ts";
import { SEATS, seatsAllowed } from "#lib/seats.ts";
import { boughtBySeat, fullInWords } from "./rules.ts";

/** Members and open invitations: each takes, or is about to take, a seat. */
export async function seatsInUse(tx: Tx, organizationId: string): Promise<number> {
  const [held, promised] = await Promise.all([
    tx.$count(members, eq(members.organizationId, organizationId)),
    tx.$count(
      invitations,
      and(
        eq(invitations.organizationId, organizationId),
        sql`${invitations.acceptedAt} is null and ${invitations.revokedAt} is null`,
        gt(invitations.expiresAt, sql`now()`),
      ),
    ),
  ]);
  return held + promised;
}

/** How many seats there are. */
export type SeatsThere = {
  /** Null for any number. */
  readonly all: number | null;
  /** Whether more of them are bought one by one, and not with another plan. */
  readonly isBySeat: boolean;
};

/** How many seats an organization has: those that are bought, else as many as its tier allows. */
export async function seatsThere(tx: Tx, organizationId: string): Promise<SeatsThere> {
  const bought = await seatsBought(tx, organizationId);
  if (bought !== undefined) return { all: bought, isBySeat: true };
  const [row] = await tx
    .select({ isIncluded: entitlements.isIncluded, limitValue: entitlements.limitValue })
    .from(entitlements)
    .innerJoin(organizations, eq(organizations.tierId, entitlements.tierId))
    .where(
      and(
        eq(organizations.id, organizationId),
        eq(entitlements.key, SEATS),
        eq(entitlements.kind, "limit"),
      ),
    );
  return { all: seatsAllowed(row), isBySeat: false };
}

/**
 * How many seats are paid for, where the tier is had by the seat alone. What is sold flat, or given free of
 * charge, is for as many as its tier allows: then it is undefined.
 */
export async function seatsBought(tx: Tx, organizationId: string): Promise<number | undefined> {
  const sold = await tx
    .select({ isPerSeat: plans.isPerSeat, quantity: subscriptions.quantity })
    .from(subscriptions)
    .innerJoin(plans, eq(plans.id, subscriptions.planId))
    .innerJoin(
      organizations,
      and(
        eq(organizations.id, subscriptions.organizationId),
        eq(organizations.tierId, plans.tierId),
      ),
    )
    .where(
      and(
        eq(subscriptions.organizationId, organizationId),
        eq(subscriptions.mode, config().mode),
        inArray(subscriptions.status, ["trialing", "active", "past_due"]),
        or(isNull(subscriptions.cancelAt), gt(subscriptions.cancelAt, sql`now()`)),
      ),
    );
  const bought = boughtBySeat(sold);
  if (bought === undefined) return undefined;
  const given = await tx
    .select({ id: comps.id })
    .from(comps)
    .innerJoin(
      organizations,
      and(eq(organizations.id, comps.organizationId), eq(organizations.tierId, comps.tierId)),
    )
    .where(
      and(
        eq(comps.organizationId, organizationId),
        isNull(comps.endedAt),
        gt(comps.endsAt, sql`now()`),
      ),
    );
  return given.length > 0 ? undefined : bought;
}

/**
 * Does what may take one seat more, and undoes it where there is none. The caller holds the organization's
 * membership, so that two who take the last seat come one after the other. Who was counted before takes no
 * seat more. Administrators mend, and are not refused.
 */
export async function withinSeats(
  tx: Tx,
  actor: Administrator | Member,
  organizationId: string,
  take: () => Promise<void>,
): Promise<void> {
  const before = await seatsInUse(tx, organizationId);
  await take();
  if (actor.kind === "administrator" || (await seatsInUse(tx, organizationId)) <= before) return;
  const full = fullInWords(before, (await seatsThere(tx, organizationId)).all);
  if (full) {
    throw new AppError("conflict", `${full} Take more under Billing, or remove somebody first.`);
  }
}
