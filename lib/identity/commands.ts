import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { Administrator, ApiClient, Member, Role } from "#lib/actor.ts";
import { recordDeed } from "#lib/audit/store.ts";
import { AppError } from "#lib/errors.ts";
import { absentWhenEmpty, checked, id, line } from "#lib/input.ts";
import { requireOwner, requireStillOwner } from "./authority.ts";
import { email, role } from "./fields.ts";
import { addInvitation } from "./invitations/commands.ts";
import { endSessions } from "./people/store.ts";
import {
  countOwners,
  deleteMember,
  insertOrganization,
  lockMembers,
  roleOf,
  setMember,
  updateOrganization,
} from "./store.ts";

const newOrganization = z.object({
  name: line("a name"),
  reference: absentWhenEmpty(
    line("your own id for it", 200).refine(
      (value) => !value.startsWith("org_"),
      "A reference may not begin with org_, which our own ids begin with.",
    ),
  ),
  billingEmail: absentWhenEmpty(email),
  ownerEmail: absentWhenEmpty(email),
});

/** Makes an organization on the default tier, and invites its owner when one is named. */
export async function createOrganization(
  actor: Administrator | ApiClient,
  input: unknown,
): Promise<{ id: string; name: string; slug: string; reference: string | null }> {
  const { ownerEmail, ...typed } = checked(newOrganization, input);
  return db().transaction(async (tx) => {
    const made = await insertOrganization(tx, {
      name: typed.name,
      reference: typed.reference ?? null,
      billingEmail: typed.billingEmail ?? null,
    });
    const { id, name, slug, reference } = made;
    await recordDeed(tx, actor, {
      action: "organization.create",
      subject: id,
      organizationId: id,
      after: { name, slug, reference, billingEmail: made.billingEmail },
    });
    if (ownerEmail) {
      const invitation = { organizationId: id, organizationName: name, email: ownerEmail };
      await addInvitation(tx, actor, { ...invitation, role: "owner" });
    }
    return { id, name, slug, reference };
  });
}

/** Renames it and says where its bills' mails go. Its slug stays, so that links keep working. */
export async function changeOrganization(
  actor: Administrator | Member,
  input: unknown,
): Promise<void> {
  const schema = z.object({
    organizationId: id,
    name: line("a name"),
    billingEmail: absentWhenEmpty(email),
  });
  const { organizationId, name, billingEmail = null } = checked(schema, input);
  requireOwner(actor, organizationId);
  await db().transaction(async (tx) => {
    const before = await lockMembers(tx, organizationId);
    await updateOrganization(tx, organizationId, { name, billingEmail });
    await recordDeed(tx, actor, {
      action: "organization.change",
      subject: organizationId,
      organizationId,
      before: { name: before.name, billingEmail: before.billingEmail },
      after: { name, billingEmail },
    });
  });
}

/** Gives a member another role, which signs them out. The last owner stays one. */
export async function changeRole(actor: Administrator | Member, input: unknown): Promise<void> {
  const schema = z.object({ organizationId: id, userId: id, role });
  const wanted = checked(schema, input);
  requireOwner(actor, wanted.organizationId);
  await db().transaction(async (tx) => {
    await lockMembers(tx, wanted.organizationId);
    await requireStillOwner(tx, actor, wanted.organizationId);
    const before = await requireRole(tx, wanted.organizationId, wanted.userId);
    if (before === wanted.role) return;
    if (before === "owner") await requireAnotherOwner(tx, wanted.organizationId);
    await setMember(tx, wanted);
    await endSessions(tx, wanted.userId);
    await recordDeed(tx, actor, {
      action: "member.change_role",
      subject: wanted.userId,
      organizationId: wanted.organizationId,
      before: { role: before },
      after: { role: wanted.role },
    });
  });
}

/** Ends a membership and the sessions of who had it. Anybody may leave; the last owner may not. */
export async function removeMember(actor: Administrator | Member, input: unknown): Promise<void> {
  const { organizationId, userId } = checked(z.object({ organizationId: id, userId: id }), input);
  const leaves = actor.kind === "member" && actor.userId === userId;
  requireOwner(actor, organizationId, leaves);
  await db().transaction(async (tx) => {
    await lockMembers(tx, organizationId);
    if (!leaves) await requireStillOwner(tx, actor, organizationId);
    const before = await requireRole(tx, organizationId, userId);
    if (before === "owner") await requireAnotherOwner(tx, organizationId);
    await deleteMember(tx, organizationId, userId);
    await endSessions(tx, userId);
    await recordDeed(tx, actor, {
      action: leaves ? "member.leave" : "member.remove",
      subject: userId,
      organizationId,
      before: { role: before },
    });
  });
}

async function requireRole(tx: Tx, organizationId: string, userId: string): Promise<Role> {
  const found = await roleOf(tx, organizationId, userId);
  if (!found) throw new AppError("not_found", "There is no such member here.");
  return found;
}

async function requireAnotherOwner(tx: Tx, organizationId: string): Promise<void> {
  if ((await countOwners(tx, organizationId)) < 2) {
    throw new AppError("conflict", "The last owner stays. Make somebody else an owner first.");
  }
}
