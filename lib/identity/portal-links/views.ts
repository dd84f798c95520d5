import { eq } from "drizzle-orm";
import { db } from "#db/client.ts";
import { apiKeys, organizations, portalLinks, users } from "#db/schema/index.ts";
import { hashToken } from "#lib/ids.ts";

/**
 * What a link opens and for whom, for whoever holds it; looking does not use it up. Undefined for one
 * that was never made.
 */
export async function portalLinkByToken(token: string, now: Date = new Date()) {
  if (token.length > 200) return undefined;
  const [row] = await db()
    .select({
      user: { id: users.id, name: users.name, email: users.email },
      disabledAt: users.disabledAt,
      organization: { id: organizations.id, name: organizations.name, slug: organizations.slug },
      expiresAt: portalLinks.expiresAt,
      usedAt: portalLinks.usedAt,
      revokedAt: apiKeys.revokedAt,
    })
    .from(portalLinks)
    .innerJoin(users, eq(users.id, portalLinks.userId))
    .innerJoin(organizations, eq(organizations.id, portalLinks.organizationId))
    .innerJoin(apiKeys, eq(apiKeys.id, portalLinks.apiKeyId))
    .where(eq(portalLinks.tokenHash, hashToken(token)));
  if (!row) return undefined;
  const { user, organization, expiresAt, usedAt, revokedAt, disabledAt } = row;
  const works = !usedAt && !revokedAt && !disabledAt && expiresAt > now;
  return { user, organization, expiresAt, works };
}
