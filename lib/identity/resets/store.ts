import { and, eq, gt, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { passwordResets } from "#db/schema/index.ts";
import { hashToken, newId, newToken } from "#lib/ids.ts";
import { HOUR } from "#lib/time.ts";

/** A fresh link for somebody; the token is in it and nowhere else. */
export async function makeReset(
  tx: Tx,
  userId: string,
  now: Date,
): Promise<{ token: string; expiresAt: Date }> {
  const token = newToken();
  const expiresAt = new Date(now.getTime() + HOUR);
  await tx.insert(passwordResets).values({
    id: newId("rst", now),
    userId,
    tokenHash: hashToken(token),
    createdAt: now,
    expiresAt,
  });
  return { token, expiresAt };
}

/** Marks the link as used and says whose it is; undefined when it is used, old or unknown. */
export async function takeReset(tx: Tx, token: string, now: Date): Promise<string | undefined> {
  const [row] = await tx
    .update(passwordResets)
    .set({ usedAt: now })
    .where(goodToken(token, now))
    .returning({ userId: passwordResets.userId });
  return row?.userId;
}

/** Whose a good link is, without using it. */
export async function findReset(tx: Tx, token: string, now: Date): Promise<string | undefined> {
  const [row] = await tx
    .select({ userId: passwordResets.userId })
    .from(passwordResets)
    .where(goodToken(token, now));
  return row?.userId;
}

/** Ends every open link of somebody: their password or address changed. */
export async function voidResets(tx: Tx, userId: string, now: Date = new Date()): Promise<void> {
  await tx
    .update(passwordResets)
    .set({ usedAt: now })
    .where(and(eq(passwordResets.userId, userId), isNull(passwordResets.usedAt)));
}

function goodToken(token: string, now: Date) {
  return and(
    eq(passwordResets.tokenHash, hashToken(token)),
    isNull(passwordResets.usedAt),
    gt(passwordResets.expiresAt, now),
  );
}
