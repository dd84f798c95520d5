import { and, desc, eq, gt, isNull } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { db } from "#db/client.ts";
import { invitations, organizations, users } from "#db/schema/index.ts";
import type { Administrator, Member } from "#lib/actor.ts";
import { hashToken } from "#lib/ids.ts";
import { userByEmail } from "../people/store.ts";
import { emailOf } from "../rules.ts";

const inviter = alias(users, "inviter");

/** Invitations nobody has accepted yet, those that ran out included, so that they can be sent again. */
export async function openInvitations(
  actor: Administrator | Member,
  organizationId: string | null,
) {
  if (actor.kind === "member" && actor.organizationId !== organizationId) return [];
  return db()
    .select({
      id: invitations.id,
      email: invitations.email,
      role: invitations.role,
      createdAt: invitations.createdAt,
      expiresAt: invitations.expiresAt,
      invitedBy: inviter.name,
    })
    .from(invitations)
    .leftJoin(inviter, eq(inviter.id, invitations.invitedBy))
    .where(
      and(
        organizationId === null
          ? isNull(invitations.organizationId)
          : eq(invitations.organizationId, organizationId),
        isNull(invitations.acceptedAt),
        isNull(invitations.revokedAt),
      ),
    )
    .orderBy(desc(invitations.createdAt))
    .limit(200);
}

/** What a mailed link opens, for whoever holds it; undefined when it is used, revoked or too old. */
export async function invitationByToken(token: string, now: Date = new Date()) {
  if (token.length > 200) return undefined;
  const [row] = await db()
    .select({
      email: invitations.email,
      role: invitations.role,
      expiresAt: invitations.expiresAt,
      organization: { name: organizations.name, slug: organizations.slug },
      invitedBy: inviter.name,
    })
    .from(invitations)
    .leftJoin(organizations, eq(organizations.id, invitations.organizationId))
    .leftJoin(inviter, eq(inviter.id, invitations.invitedBy))
    .where(
      and(
        eq(invitations.tokenHash, hashToken(token)),
        isNull(invitations.acceptedAt),
        isNull(invitations.revokedAt),
        gt(invitations.expiresAt, now),
      ),
    );
  if (!row) return undefined;
  const known = await userByEmail(db(), emailOf(row.email) ?? row.email);
  return { ...row, hasAccount: known !== undefined };
}
