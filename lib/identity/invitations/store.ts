import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { invitations } from "#db/schema/index.ts";
import { hashToken, newId, newToken } from "#lib/ids.ts";
import { addDays } from "#lib/time.ts";

const INVITATION_DAYS = 7;

export type Invitation = typeof invitations.$inferSelect;

/** A new invitation with its token; the earlier open one for the same person and place ends. */
export async function insertInvitation(
  tx: Tx,
  invitation: Pick<Invitation, "organizationId" | "email" | "role" | "invitedBy">,
  now: Date,
): Promise<{ invitation: Invitation; token: string } | undefined> {
  await tx
    .update(invitations)
    .set({ revokedAt: now })
    .where(
      and(
        sql`coalesce(${invitations.organizationId}, '') = ${invitation.organizationId ?? ""}`,
        sql`lower(${invitations.email}) = ${invitation.email}`,
        isOpen,
      ),
    );
  const token = newToken();
  const [made] = await tx
    .insert(invitations)
    .values({
      id: newId("inv", now),
      ...invitation,
      tokenHash: hashToken(token),
      createdAt: now,
      expiresAt: addDays(now, INVITATION_DAYS),
    })
    .onConflictDoNothing()
    .returning();
  return made && { invitation: made, token };
}

/** Undefined when it was accepted or revoked, or belongs elsewhere. */
export async function revokeInvitationRow(
  tx: Tx,
  invitationId: string,
  organizationId: string | null,
  now: Date,
): Promise<Invitation | undefined> {
  const [revoked] = await tx
    .update(invitations)
    .set({ revokedAt: now })
    .where(
      and(
        eq(invitations.id, invitationId),
        sql`coalesce(${invitations.organizationId}, '') = ${organizationId ?? ""}`,
        isOpen,
      ),
    )
    .returning();
  return revoked;
}

/** Ends the open invitation of somebody who is a member by another way now. */
export async function closeInvitationOf(
  tx: Tx,
  who: { organizationId: string; email: string },
  now: Date,
): Promise<void> {
  await tx
    .update(invitations)
    .set({ revokedAt: now })
    .where(
      and(
        eq(invitations.organizationId, who.organizationId),
        sql`lower(${invitations.email}) = ${who.email}`,
        isOpen,
      ),
    );
}

/** Marks it accepted; undefined when it was used, revoked, ran out, or never was. */
export async function takeInvitation(
  tx: Tx,
  token: string,
  now: Date,
): Promise<Invitation | undefined> {
  const [taken] = await tx
    .update(invitations)
    .set({ acceptedAt: now })
    .where(goodToken(token, now))
    .returning();
  return taken;
}

/** What a good link invites to, without using it. */
export async function findInvitation(
  tx: Tx,
  token: string,
  now: Date,
): Promise<Invitation | undefined> {
  const [row] = await tx.select().from(invitations).where(goodToken(token, now));
  return row;
}

function goodToken(token: string, now: Date) {
  return and(eq(invitations.tokenHash, hashToken(token)), isOpen, gt(invitations.expiresAt, now));
}

const isOpen = and(isNull(invitations.acceptedAt), isNull(invitations.revokedAt));
