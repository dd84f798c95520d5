import { desc, eq, sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { apiKeys, users } from "#db/schema/index.ts";
import type { Administrator } from "#lib/actor.ts";

/** Every key that was ever made, those that work first. Never the keys themselves. */
export async function listApiKeys(_actor: Administrator) {
  return db()
    .select({
      id: apiKeys.id,
      label: apiKeys.label,
      lastFour: apiKeys.lastFour,
      createdAt: apiKeys.createdAt,
      createdBy: users.name,
      lastUsedAt: apiKeys.lastUsedAt,
      revokedAt: apiKeys.revokedAt,
    })
    .from(apiKeys)
    .leftJoin(users, eq(users.id, apiKeys.createdBy))
    .orderBy(sql`${apiKeys.revokedAt} is not null`, desc(apiKeys.createdAt))
    .limit(200);
}
