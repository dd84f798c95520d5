import { and, desc, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { comps, plans, tiers } from "#db/schema/index.ts";
import { revisionOf } from "../asking/intention.ts";
import { isOpen } from "./rules.ts";

export type CompRow = typeof comps.$inferSelect;

/** What an administrator can give: a plan with its tier, or a tier. */
export type Given = {
  readonly tierId: string;
  readonly planId: string | null;
  readonly name: string;
  readonly isDefault: boolean;
  /** A plan that is off sale: who has it keeps it until its day, and nobody is given it any more. */
  readonly isArchived: boolean;
};

/** The plan or the tier with this id. */
export async function findGiven(tx: Tx, id: string): Promise<Given | undefined> {
  if (id.startsWith("pln_")) {
    const [plan] = await tx
      .select({
        tierId: tiers.id,
        planId: plans.id,
        name: plans.name,
        isDefault: tiers.isDefault,
        isArchived: sql<boolean>`${plans.archivedAt} is not null`,
      })
      .from(plans)
      .innerJoin(tiers, eq(tiers.id, plans.tierId))
      .where(eq(plans.id, id));
    return plan;
  }
  const [tier] = await tx
    .select({ tierId: tiers.id, name: tiers.name, isDefault: tiers.isDefault })
    .from(tiers)
    .where(eq(tiers.id, id));
  return tier && { ...tier, planId: null, isArchived: false };
}

/** The comp that an organization was given last, open or over, with what it is called. */
export async function lastComp(tx: Tx, organizationId: string) {
  const [row] = await tx
    .select({ comp: comps, plan: plans.name, tier: tiers.name, tierRank: tiers.rank })
    .from(comps)
    .innerJoin(tiers, eq(tiers.id, comps.tierId))
    .leftJoin(plans, eq(plans.id, comps.planId))
    .where(eq(comps.organizationId, organizationId))
    .orderBy(desc(comps.givenAt), desc(comps.id))
    .limit(1);
  return row && { ...row.comp, name: row.plan ?? row.tier, tierRank: row.tierRank };
}

/** What is given now. */
export async function openComp(tx: Tx, organizationId: string) {
  const last = await lastComp(tx, organizationId);
  return last && isOpen(last, new Date()) ? last : undefined;
}

/** What is given now, and the revision that a page shows of it. */
export async function seenComps(tx: Tx, organizationId: string) {
  const open = await openComp(tx, organizationId);
  const count = await tx.$count(comps, eq(comps.organizationId, organizationId));
  return { open, revision: revisionOf({ open: open?.id ?? null }, count) };
}

export async function compOfIntention(tx: Tx, intention: string): Promise<CompRow | undefined> {
  const [row] = await tx.select().from(comps).where(eq(comps.intention, intention));
  return row;
}

/** The organization's own comp; nothing for anybody else's. */
export async function findComp(
  tx: Tx,
  organizationId: string,
  id: string,
): Promise<CompRow | undefined> {
  const [row] = await tx
    .select()
    .from(comps)
    .where(and(eq(comps.id, id), eq(comps.organizationId, organizationId)));
  return row;
}

export async function insertComp(
  tx: Tx,
  row: Omit<typeof comps.$inferInsert, "givenAt">,
): Promise<CompRow> {
  const [comp] = await tx
    .insert(comps)
    .values({ ...row, givenAt: sql`clock_timestamp()` })
    .returning();
  if (!comp) throw new Error("A comp was not kept.");
  return comp;
}

/** Ends the organization's comp, if one is open; notes the end of one that ran out. */
export async function endComps(tx: Tx, organizationId: string): Promise<void> {
  await tx
    .update(comps)
    .set({ endedAt: sql`least(clock_timestamp(), ${comps.endsAt})` })
    .where(and(eq(comps.organizationId, organizationId), isNull(comps.endedAt)));
}
