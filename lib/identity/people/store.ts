import { and, count, eq, isNotNull, isNull, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { sessions, users } from "#db/schema/index.ts";
import type { Origin } from "#lib/actor.ts";
import { newId } from "#lib/ids.ts";
import { addDays } from "#lib/time.ts";

/** A session ends this long after its browser was last seen, and at the latest … */
export const IDLE_DAYS = 7;
/** … this long after the sign-in, however busy it was. */
export const SESSION_DAYS = 30;
/** A session that a link of the product opened ends sooner: coming back is one press there. */
const PORTAL_HOURS = 12;
/** Any number, as long as it is always the same: who is an administrator changes one at a time. */
const ADMINISTRATORS_LOCK = 7_201_141_201;

export type User = typeof users.$inferSelect;

/** With its password hash, for whoever is about to compare one. Views never carry it. */
export async function userByEmail(tx: Tx, email: string): Promise<User | undefined> {
  const [user] = await tx.select().from(users).where(sql`lower(${users.email}) = ${email}`);
  return user;
}

/** The user, held until the transaction ends. */
export async function lockUser(tx: Tx, userId: string): Promise<User | undefined> {
  const [user] = await tx.select().from(users).where(eq(users.id, userId)).for("no key update");
  return user;
}

/** Undefined when somebody has the address already. */
export async function insertUser(
  tx: Tx,
  user: { email: string; name: string; passwordHash: string | null; administratorSince?: Date },
): Promise<User | undefined> {
  const [made] = await tx
    .insert(users)
    .values({ id: newId("usr"), ...user })
    .onConflictDoNothing()
    .returning();
  return made;
}

export async function changeUser(
  tx: Tx,
  userId: string,
  change: Partial<
    Pick<User, "name" | "passwordHash" | "administratorSince" | "emailUnprovenSince">
  >,
): Promise<void> {
  await tx.update(users).set(change).where(eq(users.id, userId));
}

/** Gives somebody an address that they chose: unproven, if it is another. False when it is taken. */
export async function changeEmailOf(
  tx: Tx,
  userId: string,
  email: string,
  now: Date,
): Promise<boolean> {
  const since = sql`case when lower(${users.email}) = ${email}
    then ${users.emailUnprovenSince} else ${now.toISOString()}::timestamptz end`;
  // A savepoint, so that the refusal leaves the caller's transaction alive.
  try {
    await tx.transaction((inner) =>
      inner.update(users).set({ email, emailUnprovenSince: since }).where(eq(users.id, userId)),
    );
    return true;
  } catch (error) {
    if (isUniqueViolation(error)) return false;
    throw error;
  }
}

/** Lets one transaction at a time change who is an administrator, and tells how many there are. */
export async function lockAdministrators(tx: Tx): Promise<number> {
  await tx.execute(sql`select pg_advisory_xact_lock(${ADMINISTRATORS_LOCK})`);
  const [row] = await tx
    .select({ n: count() })
    .from(users)
    .where(and(isNotNull(users.administratorSince), isNull(users.disabledAt)));
  return row?.n ?? 0;
}

/**
 * Signs a browser in; with `portal`, to that organization's portal only. Its cookie carries the id
 * encrypted: the id alone opens nothing.
 */
export async function startSession(
  tx: Tx,
  userId: string,
  origin: Origin,
  now: Date = new Date(),
  portal?: { organizationId: string; apiKeyId: string },
): Promise<string> {
  const id = newId("ses", now);
  await tx.insert(sessions).values({
    id,
    userId,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: portal ? addDays(now, PORTAL_HOURS / 24) : addDays(now, SESSION_DAYS),
    ip: origin.ip,
    userAgent: origin.userAgent?.slice(0, 400) ?? null,
    portalOrganizationId: portal?.organizationId ?? null,
    apiKeyId: portal?.apiKeyId ?? null,
  });
  return id;
}

/** How many browsers it signed out. */
export async function endSessions(tx: Tx, userId: string): Promise<number> {
  const ended = await tx
    .delete(sessions)
    .where(eq(sessions.userId, userId))
    .returning({ id: sessions.id });
  return ended.length;
}

/** False when it is not a session of theirs, or ended already. */
export async function endSession(tx: Tx, userId: string, sessionId: string): Promise<boolean> {
  const ended = await tx
    .delete(sessions)
    .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId)))
    .returning({ id: sessions.id });
  return ended.length > 0;
}

/** Notes that a session is in use, so that it does not end as idle. */
export async function touchSession(sessionId: string, now: Date = new Date()): Promise<void> {
  await db().update(sessions).set({ lastSeenAt: now }).where(eq(sessions.id, sessionId));
}

function isUniqueViolation(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return typeof cause === "object" && cause !== null && "code" in cause && cause.code === "23505";
}
