import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { Administrator } from "../actor.ts";
import { recordDeed } from "../audit/store.ts";
import { AppError } from "../errors.ts";
import { gateway } from "../gateways/registry.ts";
import { newId, timeOfId } from "../ids.ts";
import { checked, line, refusedField } from "../input.ts";
import { enqueue } from "../jobs/boss.ts";
import { fingerprintOf, lastFourOf, sealFor } from "../sealing.ts";
import { addDays } from "../time.ts";
import { forgetSecrets } from "./secrets.ts";
import {
  countActiveSecrets,
  endSecret,
  insertSecret,
  lockConnection,
  lockSecret,
  type SecretRow,
  sameSecrets,
  updateSecret,
} from "./store.ts";

/** Each delivery is tried against all of them, so there cannot be any number. */
const ACTIVE_SECRETS_MAX = 8;
const RETIRE_WITHIN_DAYS = 366;

const label = line("a name", 80);

const newSecret = z.object({
  gateway: z.string(),
  mode: z.enum(["test", "live"], "Choose test or live."),
  secret: z.string("Paste the signing secret.").max(1_000, "This is too long to be one."),
  label: label.default("Signing secret"),
});

/**
 * Adds a signing secret beside those that are there, and has refused requests verified again. One that
 * was retired before comes back; one that is in use is refused, also where it is in the other mode.
 */
export async function addSecret(
  actor: Administrator,
  input: z.input<typeof newSecret>,
): Promise<{ id: string; lastFour: string }> {
  const given = checked(newSecret, input);
  const secret = gateway(given.gateway).checkSecret(given.secret);
  const added = await db().transaction(async (tx) => {
    const connection = await lockConnection(tx, given.gateway, given.mode);
    const same = await sameSecrets(tx, given.gateway, fingerprintOf(secret));
    refuseTwin(same, given.mode);
    if ((await countActiveSecrets(tx, connection.id)) >= ACTIVE_SECRETS_MAX) {
      const sentence = `${ACTIVE_SECRETS_MAX} secrets are active already. Retire one first.`;
      throw refusedField("secret", sentence, "conflict");
    }
    const known = same.find((row) => row.mode === given.mode);
    const id = known?.id ?? newId("sec");
    const row = {
      label: given.label,
      source: "stored" as const,
      sealed: sealFor("signing_secrets.secret", id, secret),
      retireAt: null,
    };
    const lastFour = lastFourOf(secret);
    if (known) await updateSecret(tx, id, row);
    else {
      const fingerprint = fingerprintOf(secret);
      const addedBy = actor.userId;
      const connectionId = connection.id;
      await insertSecret(tx, { id, connectionId, fingerprint, lastFour, addedBy, ...row });
    }
    const { gateway, mode } = given;
    await recordDeed(tx, actor, {
      action: "signing_secret.add",
      subject: id,
      after: { gateway, mode, label: given.label, lastFour },
    });
    await enqueue(tx, "inbox.verify-again", { gateway });
    return { id, lastFour };
  });
  forgetSecrets();
  return added;
}

function refuseTwin(same: readonly SecretRow[], mode: string): void {
  const twin = same.find((row) => row.isActive && (row.mode !== mode || row.source === "stored"));
  if (!twin) return;
  const sentence =
    twin.mode === mode
      ? `This secret is already in use here, as "${twin.label}".`
      : `This secret is in use for ${twin.mode} mode, as "${twin.label}". Each endpoint has a secret of its own: retire that one first if it belongs here.`;
  throw refusedField("secret", sentence, "conflict");
}

const retirement = z.object({ secretId: z.string(), at: z.date().optional() });

/** Ends a secret now, or at a moment to come. Until then it verifies beside the others. */
export async function retireSecret(
  actor: Administrator,
  input: z.input<typeof retirement>,
): Promise<void> {
  const { secretId, at } = checked(retirement, input);
  if (at && (at.getTime() <= Date.now() || at > addDays(new Date(), RETIRE_WITHIN_DAYS))) {
    const sentence = "Choose a moment to come, within a year.";
    throw refusedField("at", sentence);
  }
  await changeSecret(secretId, async (tx, secret) => {
    if (!secret.isActive) throw new AppError("conflict", "This secret is retired already.");
    if (at) await updateSecret(tx, secretId, { retireAt: at });
    else await endSecret(tx, secretId);
    await recordDeed(tx, actor, {
      action: "signing_secret.retire",
      subject: secretId,
      before: { label: secret.label, lastFour: secret.lastFour, retireAt: secret.retireAt },
      after: { retireAt: at ?? "now" },
    });
  });
}

/** Takes a retirement back: the secret verifies again, and so do requests refused meanwhile. */
export async function restoreSecret(
  actor: Administrator,
  input: { secretId: string },
): Promise<void> {
  const { secretId } = checked(z.object({ secretId: z.string() }), input);
  await changeSecret(secretId, async (tx, secret) => {
    if (!secret.retireAt) throw new AppError("conflict", "This secret is in use already.");
    refuseTwin(
      (await sameSecrets(tx, secret.gateway, secret.fingerprint)).filter(
        (row) => row.id !== secret.id,
      ),
      secret.mode,
    );
    await updateSecret(tx, secretId, { retireAt: null });
    await recordDeed(tx, actor, {
      action: "signing_secret.restore",
      subject: secretId,
      before: { retireAt: secret.retireAt },
      after: { label: secret.label, lastFour: secret.lastFour },
    });
    await enqueue(tx, "inbox.verify-again", { gateway: secret.gateway });
  });
}

export async function relabelSecret(
  actor: Administrator,
  input: { secretId: string; label: string },
): Promise<void> {
  const given = checked(z.object({ secretId: z.string(), label }), input);
  await changeSecret(given.secretId, async (tx, secret) => {
    if (secret.label === given.label) return;
    await updateSecret(tx, secret.id, { label: given.label });
    await recordDeed(tx, actor, {
      action: "signing_secret.relabel",
      subject: secret.id,
      before: { label: secret.label },
      after: { label: given.label },
    });
  });
}

/** The environment's secrets are changed where they are, not here. */
async function changeSecret(
  id: string,
  change: (tx: Tx, secret: SecretRow & { gateway: string }) => Promise<void>,
): Promise<void> {
  await db().transaction(async (tx) => {
    const secret = timeOfId(id) && (await lockSecret(tx, id));
    if (!secret) throw new AppError("not_found", "There is no such signing secret.");
    if (secret.source === "environment") {
      throw new AppError(
        "conflict",
        `This secret comes from the environment (${secret.label}). Change it there and restart.`,
      );
    }
    await change(tx, secret);
  });
  forgetSecrets();
}
