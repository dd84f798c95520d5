import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { apiKeys, members, organizations, portalLinks, sessions, users } from "#db/schema/index.ts";
import { hashToken, newId, newToken } from "#lib/ids.ts";
import { MINUTE } from "#lib/time.ts";

/** The database allows no longer ones. */
const LINK_MINUTES = 5;

export type PortalLink = typeof portalLinks.$inferSelect;

/** A fresh link; the token is in it and nowhere else. */
export async function insertPortalLink(
  tx: Tx,
  link: Pick<PortalLink, "organizationId" | "userId" | "apiKeyId" | "path">,
  now: Date,
): Promise<{ id: string; token: string; expiresAt: Date }> {
  const token = newToken();
  const id = newId("plk", now);
  const expiresAt = new Date(now.getTime() + LINK_MINUTES * MINUTE);
  await tx
    .insert(portalLinks)
    .values({ id, ...link, tokenHash: hashToken(token), createdAt: now, expiresAt });
  return { id, token, expiresAt };
}

/** Uses the link up; undefined when it was used, is old, was never made, or its key is revoked. */
export async function takePortalLink(
  tx: Tx,
  token: string,
  now: Date,
): Promise<PortalLink | undefined> {
  const [taken] = await tx
    .update(portalLinks)
    .set({ usedAt: now })
    .where(
      and(
        eq(portalLinks.tokenHash, hashToken(token)),
        isNull(portalLinks.usedAt),
        gt(portalLinks.expiresAt, now),
      ),
    )
    .returning();
  return taken && (await holdKey(tx, taken.apiKeyId)) ? taken : undefined;
}

/** Holds a key that works until the transaction ends: who revokes it ends what this opens. */
export async function holdKey(tx: Tx, apiKeyId: string): Promise<boolean> {
  const rows = await tx
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(and(eq(apiKeys.id, apiKeyId), isNull(apiKeys.revokedAt)))
    .for("share");
  return rows.length > 0;
}

/** Ends every session that a key's links opened. */
export async function endSessionsOfKey(tx: Tx, apiKeyId: string): Promise<number> {
  const ended = await tx
    .delete(sessions)
    .where(eq(sessions.apiKeyId, apiKeyId))
    .returning({ id: sessions.id });
  return ended.length;
}

/** Somebody with their role in an organization, by id or e-mail address. */
export async function findPerson(
  tx: Tx,
  organizationId: string,
  by: { userId: string } | { email: string },
) {
  const [row] = await tx
    .select({
      id: users.id,
      email: users.email,
      emailUnprovenSince: users.emailUnprovenSince,
      disabledAt: users.disabledAt,
      role: members.role,
    })
    .from(users)
    .leftJoin(
      members,
      and(eq(members.userId, users.id), eq(members.organizationId, organizationId)),
    )
    .where("userId" in by ? eq(users.id, by.userId) : sql`lower(${users.email}) = ${by.email}`);
  return row;
}

export async function slugOf(tx: Tx, organizationId: string): Promise<string> {
  const [row] = await tx
    .select({ slug: organizations.slug })
    .from(organizations)
    .where(eq(organizations.id, organizationId));
  return row?.slug ?? organizationId;
}
