import { and, asc, eq, gt, ilike, or, type SQL, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { members, organizations, tiers, users } from "#db/schema/index.ts";
import type { Administrator, ApiClient, Member } from "#lib/actor.ts";

const PAGE_MAX = 100;

const organization = {
  id: organizations.id,
  name: organizations.name,
  slug: organizations.slug,
  reference: organizations.reference,
  billingEmail: organizations.billingEmail,
  createdAt: organizations.createdAt,
  tierSince: organizations.tierSince,
  tier: { code: tiers.code, name: tiers.name },
};

/**
 * One organization, if the actor may see it. An API client names it by our id or by its own reference,
 * an administrator by id or slug; a member sees their own only, whatever is asked for.
 */
export async function findOrganization(
  actor: Administrator | ApiClient | Member,
  idOrName: string,
) {
  if (!isSearchable(idOrName)) return undefined;
  const name = actor.kind === "api_client" ? organizations.reference : organizations.slug;
  const asked = or(eq(organizations.id, idOrName), eq(name, idOrName));
  const [row] = await db()
    .select(organization)
    .from(organizations)
    .innerJoin(tiers, eq(tiers.id, organizations.tierId))
    .where(
      actor.kind === "member" ? and(asked, eq(organizations.id, actor.organizationId)) : asked,
    );
  return row;
}

export type OrganizationPage = {
  /** Part of a name, slug or reference, or a whole id. */
  search?: string | undefined;
  /** The last row of the page before. */
  after?: { name: string; id: string } | undefined;
  limit?: number | undefined;
};

/** Organizations by name, a page at a time. */
export async function listOrganizations(
  _actor: Administrator | ApiClient,
  page: OrganizationPage = {},
) {
  const limit = Math.min(Math.max(page.limit ?? 50, 1), PAGE_MAX);
  const conditions: (SQL | undefined)[] = [];
  const search = page.search?.trim().slice(0, 100);
  if (search && !isSearchable(search)) return { rows: [], hasMore: false };
  if (search) {
    const part = `%${search.replace(/[\\%_]/g, "\\$&")}%`;
    conditions.push(
      or(
        ilike(organizations.name, part),
        ilike(organizations.slug, part),
        ilike(organizations.reference, part),
        eq(organizations.id, search),
      ),
    );
  }
  if (page.after) {
    const { name, id } = page.after;
    conditions.push(
      or(
        gt(sql`lower(${organizations.name})`, name.toLowerCase()),
        and(eq(sql`lower(${organizations.name})`, name.toLowerCase()), gt(organizations.id, id)),
      ),
    );
  }
  const rows = await db()
    .select(organization)
    .from(organizations)
    .innerJoin(tiers, eq(tiers.id, organizations.tierId))
    .where(and(...conditions))
    .orderBy(asc(sql`lower(${organizations.name})`), asc(organizations.id))
    .limit(limit + 1);
  return { rows: rows.slice(0, limit), hasMore: rows.length > limit };
}

/** Who belongs to an organization: owners first, then by name. */
export async function listMembers(actor: Administrator | Member, organizationId: string) {
  if (actor.kind === "member" && actor.organizationId !== organizationId) return [];
  return db()
    .select({
      userId: users.id,
      name: users.name,
      email: users.email,
      role: members.role,
      since: members.createdAt,
    })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(eq(members.organizationId, organizationId))
    .orderBy(
      sql`array_position(array['owner', 'billing', 'member'], ${members.role})`,
      asc(users.name),
      asc(users.id),
    )
    .limit(1000);
}

/** Where notices for an organization's owners go. */
export async function ownerEmailsOf(tx: Tx, organizationId: string): Promise<string[]> {
  const rows = await tx
    .select({ email: users.email })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(
      and(
        eq(members.organizationId, organizationId),
        eq(members.role, "owner"),
        sql`${users.disabledAt} is null`,
      ),
    )
    .orderBy(asc(users.email));
  return rows.map((row) => row.email);
}

/** PostgreSQL's text holds no NUL, so that nothing is ever called by one. */
function isSearchable(text: string): boolean {
  return text.length <= 250 && !text.includes("\u0000");
}
