import { and, eq, isNull, lt, or } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { apiKeys } from "#db/schema/index.ts";
import { hashToken, newId } from "#lib/ids.ts";
import { MINUTE } from "#lib/time.ts";

export async function insertApiKey(
  tx: Tx,
  key: { label: string; secret: string; createdBy: string },
): Promise<{ id: string; lastFour: string }> {
  const { label, secret, createdBy } = key;
  const row = { id: newId("key"), lastFour: secret.slice(-4) };
  await tx.insert(apiKeys).values({ ...row, label, keyHash: hashToken(secret), createdBy });
  return row;
}

/** Undefined when there is no such key, or it was revoked before. */
export async function revokeApiKeyRow(tx: Tx, keyId: string, now: Date) {
  const [revoked] = await tx
    .update(apiKeys)
    .set({ revokedAt: now })
    .where(and(eq(apiKeys.id, keyId), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id, label: apiKeys.label, lastFour: apiKeys.lastFour });
  return revoked;
}

/** The key that this secret is, unless it was revoked. */
export async function apiKeyBySecret(tx: Tx, secret: string) {
  const [key] = await tx
    .select({ id: apiKeys.id, label: apiKeys.label })
    .from(apiKeys)
    .where(and(eq(apiKeys.keyHash, hashToken(secret)), isNull(apiKeys.revokedAt)));
  return key;
}

/** Notes that a key is in use; at most once a minute. */
export async function touchApiKey(tx: Tx, keyId: string, now: Date): Promise<void> {
  const before = new Date(now.getTime() - MINUTE);
  await tx
    .update(apiKeys)
    .set({ lastUsedAt: now })
    .where(
      and(eq(apiKeys.id, keyId), or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, before))),
    );
}
