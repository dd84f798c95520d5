import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { db } from "#db/client.ts";
import type { Origin } from "#lib/actor.ts";
import { addressKey } from "#lib/address-key.ts";
import { recordDeed } from "#lib/audit/store.ts";
import { AppError } from "#lib/errors.ts";
import { checked } from "#lib/input.ts";
import { email, requireGoodPassword, typedPassword } from "../fields.ts";
import { countTry } from "../limits.ts";
import { mailLink, mailPasswordChanged, requireMailKeys } from "../mail.ts";
import { hashPassword } from "../passwords.ts";
import { themselves } from "../people/commands.ts";
import { changeUser, endSessions, lockUser, userByEmail } from "../people/store.ts";
import { findReset, makeReset, takeReset, voidResets } from "./store.ts";

/** Longer than finding somebody and writing the mail job takes. */
const CONSTANT_ANSWER_MS = 400;

const token = z.string({ error: "The link is not complete." }).min(1).max(200);

/** Mails a link to choose a new password. Answers the same, and as slowly, for a stranger's address. */
export async function requestPasswordReset(origin: Origin, input: unknown): Promise<void> {
  const typed = checked(z.object({ email }), input);
  await countTry("reset_address", addressKey(origin.ip));
  requireMailKeys();
  await Promise.all([mailReset(origin, typed.email), delay(CONSTANT_ANSWER_MS)]);
}

async function mailReset(origin: Origin, address: string, now = new Date()): Promise<void> {
  const withinLimit = await countTry("reset_account", address).then(
    () => true,
    (error: unknown) => {
      // Saying "too many" here would tell nothing new to the owner and who has an account to others.
      if (error instanceof AppError && error.code === "too_many_requests") return false;
      throw error;
    },
  );
  const user = await userByEmail(db(), address);
  if (!withinLimit || !user || user.disabledAt) return;
  await db().transaction(async (tx) => {
    // Whose address is another by now gets no link at the one before.
    if ((await lockUser(tx, user.id))?.email !== user.email) return;
    const reset = await makeReset(tx, user.id, now);
    await mailLink(tx, {
      template: "password_reset",
      to: user.email,
      path: `/reset-password/${reset.token}`,
      data: { name: user.name, expiresAt: reset.expiresAt.toISOString() },
    });
    await recordDeed(tx, themselves(user, origin), {
      action: "user.request_password_reset",
      subject: user.id,
    });
  });
}

/** Whether a mailed link still works, for the page that it opens. */
export async function isResetOpen(token: string, now: Date = new Date()): Promise<boolean> {
  return token.length <= 200 && (await findReset(db(), token, now)) !== undefined;
}

/** Sets a new password by a mailed link, once; ends every session and every other link. */
export async function resetPassword(origin: Origin, input: unknown): Promise<void> {
  const typed = checked(z.object({ token, password: typedPassword }), input);
  await countTry("link_address", addressKey(origin.ip));
  const passwordHash = await hashPassword(typed.password);
  await db().transaction(async (tx) => {
    const now = new Date();
    // The person before the link, as whoever changes a password or an address does.
    const userId = await findReset(tx, typed.token, now);
    const user = userId ? await lockUser(tx, userId) : undefined;
    if (!user || user.disabledAt || !(await takeReset(tx, typed.token, now))) {
      throw new AppError("not_found", "This link was used or has run out. Ask for a new one.");
    }
    // Thrown inside the transaction, so that a weak choice does not use the link up.
    requireGoodPassword(typed.password, user.email);
    // The link was mailed to the address that they have: a change of it ends every link.
    await changeUser(tx, user.id, { passwordHash, emailUnprovenSince: null });
    await voidResets(tx, user.id);
    await endSessions(tx, user.id);
    await mailPasswordChanged(tx, user);
    await recordDeed(tx, themselves(user, origin), {
      action: "user.reset_password",
      subject: user.id,
    });
  });
}
