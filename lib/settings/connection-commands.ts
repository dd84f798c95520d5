import { z } from "zod";
import { db } from "#db/client.ts";
import type { Administrator } from "../actor.ts";
import { recordDeed } from "../audit/store.ts";
import { AppError } from "../errors.ts";
import type { Mode } from "../gateways/gateway.ts";
import { gateway } from "../gateways/registry.ts";
import { checked, refusedField } from "../input.ts";
import { enqueue } from "../jobs/boss.ts";
import { lastFourOf, sealFor } from "../sealing.ts";
import { environmentOf } from "./environment.ts";
import { forgetSecrets } from "./secrets.ts";
import { type ConnectionRow, findConnection, lockConnection, updateConnection } from "./store.ts";

const newKey = z.object({
  gateway: z.string(),
  mode: z.enum(["test", "live"], "Choose test or live."),
  apiKey: z.string("Paste the API key.").max(1_000, "This is too long to be one."),
  /** Said by a person: the key is meant to belong to another account than the one before. */
  anotherAccount: z.boolean().default(false),
});

/**
 * Keeps an API key, after asking the gateway whose it is. A key of the wrong mode is refused; a key of
 * another account than before is kept only when a person says so, because to it every object that is
 * known here would be missing.
 */
export async function saveApiKey(
  actor: Administrator,
  input: z.input<typeof newKey>,
): Promise<{ lastFour: string; accountRef: string | null }> {
  const given = checked(newKey, input);
  const { gateway: name, mode } = given;
  const adapter = gateway(name);
  const { key, mode: keyMode } = adapter.checkApiKey(given.apiKey);
  refuseOtherMode(keyMode, mode);
  const before = await findConnection(db(), name, mode);
  const apiBase = before?.apiBase ?? environmentOf(name).apiBase;
  const owner = await adapter.identify({ gateway: name, mode, apiKey: key, apiBase });
  refuseOtherMode(owner.mode, mode);

  const saved = await db().transaction(async (tx) => {
    const connection = await lockConnection(tx, name, mode);
    const isAnother = isAnotherAccount(connection, owner.accountRef);
    if (isAnother && !given.anotherAccount) throw anotherAccount(connection, owner.accountRef);
    const lastFour = lastFourOf(key);
    await updateConnection(tx, connection.id, {
      apiKeySealed: sealFor("gateway_connections.api_key", connection.id, key),
      apiKeyLastFour: lastFour,
      apiKeySetBy: actor.userId,
      apiKeySetAt: new Date(),
      accountRef: owner.accountRef ?? connection.accountRef,
      pausedUntil: null,
      pausedBecause: null,
    });
    await recordDeed(tx, actor, {
      action: "gateway_key.save",
      subject: connection.id,
      before: about(connection),
      after: { gateway: name, mode, lastFour, accountRef: owner.accountRef },
    });
    if (!connection.apiKeySealed || isAnother) {
      await enqueue(tx, "inbox.ring-all", { gateway: name, mode });
    }
    return { lastFour, accountRef: owner.accountRef };
  });
  forgetSecrets();
  return saved;
}

const whichConnection = z.object({
  gateway: z.string(),
  mode: z.enum(["test", "live"], "Choose test or live."),
});

/** Forgets the stored key. From then on events are applied from their payloads. */
export async function removeApiKey(
  actor: Administrator,
  input: z.input<typeof whichConnection>,
): Promise<void> {
  const { gateway: name, mode } = checked(whichConnection, input);
  gateway(name);
  await db().transaction(async (tx) => {
    const connection = await lockConnection(tx, name, mode);
    if (!connection.apiKeySealed) throw new AppError("not_found", "No API key is stored here.");
    // The account stays: a key that comes later is compared with it.
    await updateConnection(tx, connection.id, {
      apiKeySealed: null,
      apiKeyLastFour: null,
      apiKeySetBy: null,
      apiKeySetAt: null,
      pausedUntil: null,
      pausedBecause: null,
    });
    await recordDeed(tx, actor, {
      action: "gateway_key.remove",
      subject: connection.id,
      before: about(connection),
    });
  });
  forgetSecrets();
}

function about(connection: ConnectionRow) {
  const { gateway, mode, accountRef, apiKeyLastFour } = connection;
  return { gateway, mode, lastFour: apiKeyLastFour, accountRef };
}

function refuseOtherMode(found: Mode, wanted: Mode): void {
  if (found === wanted) return;
  const sentence = `This is a key for ${found} mode. Paste the ${wanted} key here, or save this one under ${found}.`;
  throw refusedField("apiKey", sentence);
}

function isAnotherAccount(connection: ConnectionRow, accountRef: string | null): boolean {
  return (
    accountRef !== null && connection.accountRef !== null && connection.accountRef !== accountRef
  );
}

function anotherAccount(connection: ConnectionRow, accountRef: string | null): AppError {
  const sentence = `This key belongs to ${accountRef}; the one before belonged to ${connection.accountRef}. What is known here would be missing there. Tick "another account" if you mean it.`;
  return refusedField("anotherAccount", sentence, "conflict");
}
