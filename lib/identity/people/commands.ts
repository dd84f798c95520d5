import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { Origin, SignedIn } from "#lib/actor.ts";
import { addressKey } from "#lib/address-key.ts";
import { recordDeed } from "#lib/audit/store.ts";
import { AppError } from "#lib/errors.ts";
import { checked, id } from "#lib/input.ts";
import { log } from "#lib/log.ts";
import { email, typedPassword } from "../fields.ts";
import { countTry, forgiveTry } from "../limits.ts";
import { isPassword } from "../passwords.ts";
import {
  endSession,
  endSessions,
  lockUser,
  startSession,
  type User,
  userByEmail,
} from "./store.ts";

const credentials = z.object({ email, password: typedPassword });

/** What a person who proved to be this user acts as. */
export function themselves(user: Pick<User, "id" | "email">, origin: Origin): SignedIn {
  return { kind: "user", userId: user.id, label: user.email, origin };
}

/** Opens a session for the right e-mail and password. Never tells which of the two was wrong. */
export async function signIn(
  origin: Origin,
  input: unknown,
): Promise<{ sessionId: string; userId: string }> {
  const typed = checked(credentials, input);
  const address = addressKey(origin.ip);
  const both = `${address} ${typed.email}`;
  await countTry("sign_in_address", address);
  await countTry("sign_in_address_and_account", both);
  await countTry("sign_in_account", typed.email);

  const user = await userByEmail(db(), typed.email);
  const right = await isPassword(typed.password, user?.passwordHash);
  if (!user || !right || user.disabledAt) {
    log().info({ ip: origin.ip }, "a sign-in was refused");
    throw new AppError("invalid_input", "The e-mail address or the password is not right.");
  }
  await forgiveTry("sign_in_address", address);
  await forgiveTry("sign_in_address_and_account", both);
  await forgiveTry("sign_in_account", typed.email);

  return db().transaction(async (tx) => {
    const sessionId = await startSessionIfUnchanged(tx, user, origin);
    await recordDeed(tx, themselves(user, origin), { action: "user.sign_in", subject: user.id });
    return { sessionId, userId: user.id };
  });
}

/** A password changed while it was being compared ends this sign-in too. */
async function startSessionIfUnchanged(tx: Tx, seen: User, origin: Origin): Promise<string> {
  const user = await lockUser(tx, seen.id);
  if (user?.passwordHash !== seen.passwordHash || user?.disabledAt) {
    throw new AppError("conflict", "The password was changed just now. Sign in with the new one.");
  }
  return startSession(tx, seen.id, origin);
}

/** Ends the session that asks. Ending it twice is no mistake. */
export async function signOut(actor: SignedIn, input: { sessionId: string }): Promise<void> {
  await db().transaction(async (tx) => {
    if (!(await endSession(tx, actor.userId, input.sessionId))) return;
    await recordDeed(tx, actor, { action: "user.sign_out", subject: actor.userId });
  });
}

/** Ends one of the actor's own sessions, in another browser. */
export async function endMySession(actor: SignedIn, input: { sessionId: string }): Promise<void> {
  const { sessionId } = checked(z.object({ sessionId: id }), input);
  await db().transaction(async (tx) => {
    if (!(await endSession(tx, actor.userId, sessionId))) {
      throw new AppError("not_found", "That browser is signed out already.");
    }
    await recordDeed(tx, actor, { action: "user.end_session", subject: actor.userId });
  });
}

/** Ends every session of the actor, this one included. */
export async function signOutEverywhere(actor: SignedIn): Promise<{ ended: number }> {
  return db().transaction(async (tx) => {
    const ended = await endSessions(tx, actor.userId);
    await recordDeed(tx, actor, {
      action: "user.sign_out_everywhere",
      subject: actor.userId,
      after: { sessionsEnded: ended },
    });
    return { ended };
  });
}
