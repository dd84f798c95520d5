import { z } from "zod";
import { db } from "#db/client.ts";
import type { Administrator, ApiClient, Origin } from "#lib/actor.ts";
import { recordDeed } from "#lib/audit/store.ts";
import { AppError } from "#lib/errors.ts";
import { newToken } from "#lib/ids.ts";
import { checked, id, line } from "#lib/input.ts";
import { endSessionsOfKey } from "../portal-links/store.ts";
import { apiKeyBySecret, insertApiKey, revokeApiKeyRow, touchApiKey } from "./store.ts";

/** Begins every key, so that a leaked one is recognised for what it is. */
const PREFIX = "bhk_";

/** Makes a key for the product that embeds Billhook. The answer is the only time that it is seen. */
export async function createApiKey(
  actor: Administrator,
  input: unknown,
): Promise<{ id: string; key: string; lastFour: string }> {
  const { label } = checked(z.object({ label: line("what the key is for", 80) }), input);
  const key = `${PREFIX}${newToken()}`;
  return db().transaction(async (tx) => {
    const made = await insertApiKey(tx, { label, secret: key, createdBy: actor.userId });
    await recordDeed(tx, actor, {
      action: "api_key.create",
      subject: made.id,
      after: { label, lastFour: made.lastFour },
    });
    return { ...made, key };
  });
}

/** Ends a key at once, for good, with the portal sessions that it vouched for. */
export async function revokeApiKey(actor: Administrator, input: unknown): Promise<void> {
  const { keyId } = checked(z.object({ keyId: id }), input);
  await db().transaction(async (tx) => {
    const revoked = await revokeApiKeyRow(tx, keyId, new Date());
    if (!revoked)
      throw new AppError("not_found", "There is no such key, or it is revoked already.");
    const { label, lastFour } = revoked;
    const sessionsEnded = await endSessionsOfKey(tx, keyId);
    await recordDeed(tx, actor, {
      action: "api_key.revoke",
      subject: keyId,
      before: { label, lastFour },
      after: { sessionsEnded },
    });
  });
}

/** Who calls, by an `Authorization: Bearer` header; throws `not_signed_in` for anything but a good key. */
export async function apiClientOf(
  authorization: string | null,
  origin: Origin,
): Promise<ApiClient> {
  const secret = /^Bearer +(bhk_[A-Za-z0-9_-]{32})$/i.exec(authorization ?? "")?.[1];
  const key = secret && (await apiKeyBySecret(db(), secret));
  if (!key) {
    throw new AppError(
      "not_signed_in",
      "Send a platform API key in the header: Authorization: Bearer bhk_…",
    );
  }
  await touchApiKey(db(), key.id, new Date());
  return { kind: "api_client", keyId: key.id, label: key.label, origin };
}
