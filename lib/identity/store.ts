import { and, count, eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { members, organizations, tiers } from "#db/schema/index.ts";
import type { Role } from "#lib/actor.ts";
import { AppError } from "#lib/errors.ts";
import { newId } from "#lib/ids.ts";
import { slugsFor } from "./rules.ts";

export type Organization = typeof organizations.$inferSelect;

/** A new organization on the default tier, under the first free slug; `conflict` when its reference is taken. */
export async function insertOrganization(
  tx: Tx,
  organization: { name: string; reference: string | null; billingEmail: string | null },
): Promise<Organization> {
  const [tier] = await tx.select({ id: tiers.id }).from(tiers).where(eq(tiers.isDefault, true));
  if (!tier) {
    throw new AppError(
      "not_configured",
      "There is no default tier yet. Make one under Plans first.",
    );
  }
  const row = { id: newId("org"), tierId: tier.id, ...organization };
  for (const slug of slugsFor(row)) {
    const [made] = await tx
      .insert(organizations)
      .values({ ...row, slug })
      .onConflictDoNothing()
      .returning();
    if (made) return made;
    if (row.reference && (await hasReference(tx, row.reference))) {
      throw new AppError("conflict", "An organization has this reference already.", {
        fields: { reference: "An organization has this reference already." },
      });
    }
  }
  throw new Error(`No slug was free for ${row.id}.`);
}

async function hasReference(tx: Tx, reference: string): Promise<boolean> {
  const [row] = await tx
    .select({ id: organizations.id })
    .from(organizations)
    .where(eq(organizations.reference, reference));
  return row !== undefined;
}

/** Holds the organization's membership until the transaction ends, so that counts of owners stay true. */
export async function lockMembers(tx: Tx, organizationId: string): Promise<Organization> {
  const [organization] = await tx
    .select()
    .from(organizations)
    .where(eq(organizations.id, organizationId))
    .for("no key update");
  if (!organization) throw new AppError("not_found", "There is no such organization.");
  return organization;
}

export async function roleOf(tx: Tx, organizationId: string, userId: string) {
  const [row] = await tx
    .select({ role: members.role })
    .from(members)
    .where(and(eq(members.organizationId, organizationId), eq(members.userId, userId)));
  return row?.role;
}

export async function countOwners(tx: Tx, organizationId: string): Promise<number> {
  const [row] = await tx
    .select({ n: count() })
    .from(members)
    .where(and(eq(members.organizationId, organizationId), eq(members.role, "owner")));
  return row?.n ?? 0;
}

/** Makes somebody a member, or gives a member another role. */
export async function setMember(
  tx: Tx,
  member: { organizationId: string; userId: string; role: Role },
): Promise<void> {
  await tx
    .insert(members)
    .values(member)
    .onConflictDoUpdate({
      target: [members.organizationId, members.userId],
      set: { role: member.role },
    });
}

export async function deleteMember(tx: Tx, organizationId: string, userId: string): Promise<void> {
  await tx
    .delete(members)
    .where(and(eq(members.organizationId, organizationId), eq(members.userId, userId)));
}

export async function updateOrganization(
  tx: Tx,
  organizationId: string,
  change: { name: string; billingEmail: string | null },
): Promise<void> {
  await tx.update(organizations).set(change).where(eq(organizations.id, organizationId));
}
