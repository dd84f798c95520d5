import { and, eq, or, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { gatewayConnections, settings, signingSecrets } from "#db/schema/index.ts";
import type { GatewayName, Mode } from "../gateways/gateway.ts";
import { newId } from "../ids.ts";

export type SecretRow = typeof signingSecrets.$inferSelect & { mode: Mode; isActive: boolean };
export type ConnectionRow = typeof gatewayConnections.$inferSelect;

const isActive = sql<boolean>`(${signingSecrets.retireAt} is null or ${signingSecrets.retireAt} > now())`;

/** Every secret that verifies now, and those with this fingerprint even when they are retired. */
export async function secretRows(
  gateway: GatewayName,
  fingerprint: string | undefined,
): Promise<SecretRow[]> {
  const rows = await db()
    .select({ secret: signingSecrets, mode: gatewayConnections.mode, isActive })
    .from(signingSecrets)
    .innerJoin(gatewayConnections, eq(gatewayConnections.id, signingSecrets.connectionId))
    .where(
      and(
        eq(gatewayConnections.gateway, gateway),
        fingerprint ? or(isActive, eq(signingSecrets.fingerprint, fingerprint)) : isActive,
      ),
    )
    .orderBy(signingSecrets.addedAt, signingSecrets.id);
  return rows.map((row) => ({ ...row.secret, mode: row.mode, isActive: row.isActive }));
}

/** One secret with its connection, locked, or undefined. */
export async function lockSecret(
  tx: Tx,
  id: string,
): Promise<(SecretRow & { gateway: string }) | undefined> {
  const [row] = await tx
    .select({
      secret: signingSecrets,
      mode: gatewayConnections.mode,
      gateway: gatewayConnections.gateway,
      isActive,
    })
    .from(signingSecrets)
    .innerJoin(gatewayConnections, eq(gatewayConnections.id, signingSecrets.connectionId))
    .where(eq(signingSecrets.id, id))
    .for("update", { of: signingSecrets });
  return row && { ...row.secret, mode: row.mode, gateway: row.gateway, isActive: row.isActive };
}

/** The same secret, wherever this gateway has it already. */
export async function sameSecrets(
  tx: Tx,
  gateway: GatewayName,
  fingerprint: string,
): Promise<SecretRow[]> {
  const rows = await tx
    .select({ secret: signingSecrets, mode: gatewayConnections.mode, isActive })
    .from(signingSecrets)
    .innerJoin(gatewayConnections, eq(gatewayConnections.id, signingSecrets.connectionId))
    .where(
      and(eq(gatewayConnections.gateway, gateway), eq(signingSecrets.fingerprint, fingerprint)),
    );
  return rows.map((row) => ({ ...row.secret, mode: row.mode, isActive: row.isActive }));
}

export async function countActiveSecrets(tx: Tx, connectionId: string): Promise<number> {
  return tx.$count(signingSecrets, and(eq(signingSecrets.connectionId, connectionId), isActive));
}

export async function insertSecret(tx: Tx, row: typeof signingSecrets.$inferInsert): Promise<void> {
  await tx.insert(signingSecrets).values(row);
}

export async function updateSecret(
  tx: Tx,
  id: string,
  changes: Partial<typeof signingSecrets.$inferInsert>,
): Promise<void> {
  await tx.update(signingSecrets).set(changes).where(eq(signingSecrets.id, id));
}

/** Ends a secret now, by the database's clock, which is the one that is asked whether it is active. */
export async function endSecret(tx: Tx, id: string): Promise<void> {
  await tx.update(signingSecrets).set({ retireAt: sql`now()` }).where(eq(signingSecrets.id, id));
}

/** Gives the environment's secret a row to count on. A second process finds the first one's. */
export async function registerEnvironmentSecret(
  gateway: GatewayName,
  mode: Mode,
  secret: { label: string; fingerprint: string; lastFour: string },
): Promise<void> {
  await db().transaction(async (tx) => {
    const connection = await lockConnection(tx, gateway, mode);
    await tx
      .insert(signingSecrets)
      .values({ id: newId("sec"), connectionId: connection.id, source: "environment", ...secret })
      .onConflictDoNothing();
  });
}

/** Adds to what each secret has verified. Sorted, so that two processes never wait in a circle. */
export async function addVerified(counts: ReadonlyMap<string, number>): Promise<void> {
  const sorted = [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  await db().transaction(async (tx) => {
    for (const [id, count] of sorted) {
      await tx
        .update(signingSecrets)
        .set({
          verifiedCount: sql`${signingSecrets.verifiedCount} + ${count}`,
          lastUsedAt: sql`now()`,
        })
        .where(eq(signingSecrets.id, id));
    }
  });
}

export async function findConnection(
  tx: Tx,
  gateway: GatewayName,
  mode: Mode,
): Promise<ConnectionRow | undefined> {
  const [row] = await tx.select().from(gatewayConnections).where(isConnection(gateway, mode));
  return row;
}

/** The connection's row, made where there is none, locked against other commands. */
export async function lockConnection(
  tx: Tx,
  gateway: GatewayName,
  mode: Mode,
): Promise<ConnectionRow> {
  await tx
    .insert(gatewayConnections)
    .values({ id: newId("con"), gateway, mode })
    .onConflictDoNothing();
  const [row] = await tx
    .select()
    .from(gatewayConnections)
    .where(isConnection(gateway, mode))
    .for("no key update");
  if (!row) throw new Error("Invariant broken: a connection that was just made is there");
  return row;
}

export async function updateConnection(
  tx: Tx,
  id: string,
  changes: Partial<typeof gatewayConnections.$inferInsert>,
): Promise<void> {
  await tx.update(gatewayConnections).set(changes).where(eq(gatewayConnections.id, id));
}

/** A pause only ever grows: a shorter one that was asked for meanwhile does not end a longer one. */
export async function extendPause(
  gateway: GatewayName,
  mode: Mode,
  until: Date,
  because: string,
): Promise<void> {
  const pause = { pausedUntil: until, pausedBecause: because };
  await db()
    .insert(gatewayConnections)
    .values({ id: newId("con"), gateway, mode, ...pause })
    .onConflictDoUpdate({
      target: [gatewayConnections.gateway, gatewayConnections.mode],
      set: pause,
      setWhere: sql`${gatewayConnections.pausedUntil} is null
        or ${gatewayConnections.pausedUntil} < excluded.paused_until`,
    });
}

export async function endPause(gateway: GatewayName, mode: Mode): Promise<void> {
  await db()
    .update(gatewayConnections)
    .set({ pausedUntil: null, pausedBecause: null })
    .where(isConnection(gateway, mode));
}

/** Nobody else changes what was chosen until the end. */
export async function lockSettings(tx: Tx): Promise<void> {
  await tx.execute(sql`lock table ${settings} in share row exclusive mode`);
}

export async function readSettings(tx: Tx): Promise<Map<string, unknown>> {
  const rows = await tx.select({ key: settings.key, value: settings.value }).from(settings);
  return new Map(rows.map((row) => [row.key, row.value]));
}

export async function writeSetting(
  tx: Tx,
  key: string,
  value: unknown,
  updatedBy: string | null,
): Promise<void> {
  if (value === null) {
    await tx.delete(settings).where(eq(settings.key, key));
    return;
  }
  const row = { value, updatedBy, updatedAt: new Date() };
  await tx
    .insert(settings)
    .values({ key, ...row })
    .onConflictDoUpdate({ target: settings.key, set: row });
}

function isConnection(gateway: GatewayName, mode: Mode) {
  return and(eq(gatewayConnections.gateway, gateway), eq(gatewayConnections.mode, mode));
}
