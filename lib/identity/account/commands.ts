import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { SignedIn } from "#lib/actor.ts";
import { recordDeed } from "#lib/audit/store.ts";
import { AppError } from "#lib/errors.ts";
import { checked, line, refusedField } from "#lib/input.ts";
import { email, requireGoodPassword, typedPassword } from "../fields.ts";
import { countTry, forgiveTry } from "../limits.ts";
import { mailPasswordChanged } from "../mail.ts";
import { hashPassword, isPassword } from "../passwords.ts";
import {
  changeEmailOf,
  changeUser,
  endSessions,
  lockUser,
  startSession,
  type User,
} from "../people/store.ts";
import { voidResets } from "../resets/store.ts";

export async function rename(actor: SignedIn, input: unknown): Promise<void> {
  const { name } = checked(z.object({ name: line("your name") }), input);
  await db().transaction(async (tx) => {
    const user = await requireUser(tx, actor);
    await changeUser(tx, user.id, { name });
    await recordDeed(tx, actor, {
      action: "user.rename",
      subject: user.id,
      before: { name: user.name },
      after: { name },
    });
  });
}

/**
 * Changes the address somebody signs in with. Asks for the password, as the address can reset it. Until
 * they answer a mail to it, nothing is given to them for its sake.
 */
export async function changeEmail(actor: SignedIn, input: unknown): Promise<void> {
  const typed = checked(z.object({ email, password: typedPassword }), input);
  await requirePassword(actor, typed.password, "password");
  await db().transaction(async (tx) => {
    const user = await requireUser(tx, actor);
    if (!(await changeEmailOf(tx, user.id, typed.email, new Date()))) {
      throw refusedField("email", "Somebody uses this address already.");
    }
    await voidResets(tx, user.id);
    await recordDeed(tx, actor, {
      action: "user.change_email",
      subject: user.id,
      before: { email: user.email },
      after: { email: typed.email },
    });
  });
}

/** Ends every session of the actor, and opens a new one for the browser that asked. */
export async function changePassword(
  actor: SignedIn,
  input: unknown,
): Promise<{ sessionId: string }> {
  const schema = z.object({ current: typedPassword, password: typedPassword });
  const typed = checked(schema, input);
  const seen = await requirePassword(actor, typed.current, "current");
  requireGoodPassword(typed.password, seen.email);
  const passwordHash = await hashPassword(typed.password);
  return db().transaction(async (tx) => {
    await requireUser(tx, actor);
    await changeUser(tx, actor.userId, { passwordHash });
    await voidResets(tx, actor.userId);
    await endSessions(tx, actor.userId);
    await mailPasswordChanged(tx, seen);
    await recordDeed(tx, actor, { action: "user.change_password", subject: actor.userId });
    return { sessionId: await startSession(tx, actor.userId, actor.origin) };
  });
}

async function requirePassword(actor: SignedIn, typed: string, field: string): Promise<User> {
  await countTry("password_of_user", actor.userId);
  const user = await requireUser(db(), actor);
  if (!(await isPassword(typed, user.passwordHash))) {
    throw refusedField(field, "This is not your current password.");
  }
  await forgiveTry("password_of_user", actor.userId);
  return user;
}

async function requireUser(tx: Tx, actor: SignedIn): Promise<User> {
  const user = await lockUser(tx, actor.userId);
  if (!user) throw new AppError("not_signed_in", "Sign in again.");
  return user;
}
