import { and, asc, desc, eq, gt, isNotNull, isNull, or } from "drizzle-orm";
import { db } from "#db/client.ts";
import { members, organizations, sessions, users } from "#db/schema/index.ts";
import type { Administrator, Role, SignedIn } from "#lib/actor.ts";
import { addDays } from "#lib/time.ts";
import { IDLE_DAYS } from "./store.ts";

/** Who asks, as every page and action needs to know it: read anew on each request. */
export type Identity = {
  readonly sessionId: string;
  readonly user: { readonly id: string; readonly name: string; readonly email: string };
  readonly isAdministrator: boolean;
  readonly organizations: readonly {
    readonly id: string;
    readonly name: string;
    readonly slug: string;
    readonly role: Role;
  }[];
  readonly lastSeenAt: Date;
  /** The one organization whose portal this session sees: a link of the product opened it. */
  readonly portalOf: string | null;
};

/** Who holds this session; undefined when it has ended, run out, or never was. */
export async function identityOf(
  sessionId: string,
  now: Date = new Date(),
): Promise<Identity | undefined> {
  const rows = await db()
    .select({
      userId: users.id,
      name: users.name,
      email: users.email,
      administratorSince: users.administratorSince,
      lastSeenAt: sessions.lastSeenAt,
      organization: { id: organizations.id, name: organizations.name, slug: organizations.slug },
      role: members.role,
      portalOf: sessions.portalOrganizationId,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .leftJoin(
      members,
      and(
        eq(members.userId, users.id),
        or(
          isNull(sessions.portalOrganizationId),
          eq(sessions.portalOrganizationId, members.organizationId),
        ),
      ),
    )
    .leftJoin(organizations, eq(organizations.id, members.organizationId))
    .where(
      and(
        eq(sessions.id, sessionId),
        gt(sessions.expiresAt, now),
        gt(sessions.lastSeenAt, addDays(now, -IDLE_DAYS)),
        isNull(users.disabledAt),
      ),
    )
    .orderBy(asc(organizations.name), asc(organizations.id));
  const [first] = rows;
  if (!first) return undefined;
  return {
    sessionId,
    user: { id: first.userId, name: first.name, email: first.email },
    isAdministrator: first.administratorSince !== null && first.portalOf === null,
    organizations: rows.flatMap(({ organization, role }) =>
      organization && role ? [{ ...organization, role }] : [],
    ),
    lastSeenAt: first.lastSeenAt,
    portalOf: first.portalOf,
  };
}

/** The browsers in which somebody is signed in, newest first. */
export async function sessionsOf(actor: SignedIn, now: Date = new Date()) {
  return db()
    .select({
      id: sessions.id,
      createdAt: sessions.createdAt,
      lastSeenAt: sessions.lastSeenAt,
      ip: sessions.ip,
      userAgent: sessions.userAgent,
      portal: organizations.name,
    })
    .from(sessions)
    .leftJoin(organizations, eq(organizations.id, sessions.portalOrganizationId))
    .where(
      and(
        eq(sessions.userId, actor.userId),
        gt(sessions.expiresAt, now),
        gt(sessions.lastSeenAt, addDays(now, -IDLE_DAYS)),
      ),
    )
    .orderBy(desc(sessions.lastSeenAt))
    .limit(100);
}

/** Whether the first-run page is closed. Anyone may know; it says nothing about who. */
export async function hasAdministrator(): Promise<boolean> {
  const [row] = await db()
    .select({ id: users.id })
    .from(users)
    .where(isNotNull(users.administratorSince))
    .limit(1);
  return row !== undefined;
}

export async function listAdministrators(_actor: Administrator) {
  return db()
    .select({ id: users.id, name: users.name, email: users.email, since: users.administratorSince })
    .from(users)
    .where(and(isNotNull(users.administratorSince), isNull(users.disabledAt)))
    .orderBy(asc(users.administratorSince), asc(users.id));
}
