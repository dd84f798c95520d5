import { and, desc, eq, gt, inArray, isNull, ne, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { comps, plans, subscriptions, tiers } from "#db/schema/index.ts";
import type { Mode } from "../../gateways/gateway.ts";
import { productSettings } from "../../settings/views.ts";
import type { Asker } from "../asking/authority.ts";
import type { SubscriptionRow } from "../state.ts";

/** Whether somebody may pause what is paid for: administrators always, customers as the operator set it. */
export async function isPauseAllowed(tx: Tx, actor: Asker): Promise<boolean> {
  return actor.kind === "administrator" || (await productSettings(tx)).isPauseAllowed;
}

/** What people call the plan of a subscription. */
export async function planNameOf(tx: Tx, { planId }: SubscriptionRow): Promise<string> {
  const [plan] = planId
    ? await tx.select({ name: plans.name }).from(plans).where(eq(plans.id, planId))
    : [];
  return plan?.name ?? "your plan";
}

/** The subscription that a page is about where it names none: the live one that began last. */
export async function liveSubscriptionId(
  tx: Tx,
  organizationId: string,
  mode: Mode,
): Promise<string | undefined> {
  const [row] = await tx
    .select({ id: subscriptions.id })
    .from(subscriptions)
    .where(and(isLive(organizationId), eq(subscriptions.mode, mode)))
    .orderBy(sql`${subscriptions.startedAt} desc nulls last`, desc(subscriptions.id))
    .limit(1);
  return row?.id;
}

/** The level of service that the subscription's plan gives, and whether it is for as many as are bought. */
export async function tierHeld(tx: Tx, { planId }: SubscriptionRow) {
  const [tier] = planId
    ? await tx
        .select({ id: tiers.id, name: tiers.name, isPerSeat: plans.isPerSeat })
        .from(plans)
        .innerJoin(tiers, eq(tiers.id, plans.tierId))
        .where(eq(plans.id, planId))
    : [];
  return tier;
}

/** The level of service that is left when a subscription is over. */
export async function tierWithout(tx: Tx, { id, organizationId, mode }: SubscriptionRow) {
  const shown = { id: tiers.id, name: tiers.name, rank: tiers.rank };
  const [other] = await tx
    .select(shown)
    .from(subscriptions)
    .innerJoin(plans, eq(plans.id, subscriptions.planId))
    .innerJoin(tiers, eq(tiers.id, plans.tierId))
    .where(
      and(
        isLive(organizationId ?? ""),
        eq(subscriptions.mode, mode),
        inArray(subscriptions.status, ["active", "trialing", "past_due"]),
        ne(subscriptions.id, id),
      ),
    )
    .orderBy(desc(tiers.rank))
    .limit(1);
  const [given] = await tx
    .select(shown)
    .from(comps)
    .innerJoin(tiers, eq(tiers.id, comps.tierId))
    .where(
      and(
        eq(comps.organizationId, organizationId ?? ""),
        isNull(comps.endedAt),
        gt(comps.endsAt, sql`now()`),
      ),
    );
  const [usual] = await tx.select(shown).from(tiers).where(eq(tiers.isDefault, true));
  const left = [other, given, usual].filter((tier) => tier !== undefined);
  return left.sort((a, b) => b.rank - a.rank)[0];
}

function isLive(organizationId: string) {
  return and(
    eq(subscriptions.organizationId, organizationId),
    ne(subscriptions.status, "canceled"),
  );
}
