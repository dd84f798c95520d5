import { z } from "zod";
import { db } from "#db/client.ts";
import type { Administrator, Operator, Origin } from "#lib/actor.ts";
import { addressKey } from "#lib/address-key.ts";
import { recordDeed } from "#lib/audit/store.ts";
import { AppError } from "#lib/errors.ts";
import { checked, id, line, refusedField } from "#lib/input.ts";
import { email, requireGoodPassword, typedPassword } from "../fields.ts";
import { countTry } from "../limits.ts";
import { hashPassword } from "../passwords.ts";
import { themselves } from "../people/commands.ts";
import {
  changeUser,
  endSessions,
  insertUser,
  lockAdministrators,
  lockUser,
  startSession,
  userByEmail,
} from "../people/store.ts";

const person = z.object({ name: line("your name"), email, password: typedPassword });

/** Makes the first administrator and signs them in; `not_found` as soon as there is one. */
export async function makeFirstAdministrator(
  origin: Origin,
  input: unknown,
): Promise<{ sessionId: string; userId: string }> {
  const typed = checked(person, input);
  requireGoodPassword(typed.password, typed.email);
  await countTry("link_address", addressKey(origin.ip));
  const passwordHash = await hashPassword(typed.password);
  return db().transaction(async (tx) => {
    if ((await lockAdministrators(tx)) > 0) {
      throw new AppError("not_found", "This Billhook has an administrator already. Sign in.");
    }
    const { name } = typed;
    const since = new Date();
    const user = await insertUser(tx, {
      email: typed.email,
      name,
      passwordHash,
      administratorSince: since,
    });
    if (!user) throw refusedField("email", "Somebody uses this address already.");
    await recordDeed(tx, themselves(user, origin), {
      action: "administrator.first",
      subject: user.id,
      after: { email: user.email, name },
    });
    return { sessionId: await startSession(tx, user.id, origin), userId: user.id };
  });
}

/**
 * Makes an administrator from the machine itself: a new one, or somebody who is known already, whose
 * password it then sets. The way back in when everybody is locked out.
 */
export async function createAdministrator(
  operator: Operator,
  input: unknown,
): Promise<{ userId: string; isNew: boolean }> {
  const typed = checked(person, input);
  requireGoodPassword(typed.password, typed.email);
  const passwordHash = await hashPassword(typed.password);
  return db().transaction(async (tx) => {
    await lockAdministrators(tx);
    const administratorSince = new Date();
    const { name } = typed;
    const made = await insertUser(tx, {
      email: typed.email,
      name,
      passwordHash,
      administratorSince,
    });
    const user = made ?? (await userByEmail(tx, typed.email));
    if (!user) throw new AppError("conflict", "This person was changed just now. Try again.");
    if (!made) {
      await changeUser(tx, user.id, {
        passwordHash,
        administratorSince: user.administratorSince ?? administratorSince,
      });
      await endSessions(tx, user.id);
    }
    await recordDeed(tx, operator, {
      action: "administrator.create",
      subject: user.id,
      after: { email: user.email },
    });
    return { userId: user.id, isNew: made !== undefined };
  });
}

/** Takes the administrator's role away and ends their sessions. The last one stays. */
export async function removeAdministrator(
  actor: Administrator,
  input: { userId: string },
): Promise<void> {
  const { userId } = checked(z.object({ userId: id }), input);
  await db().transaction(async (tx) => {
    const administrators = await lockAdministrators(tx);
    const user = await lockUser(tx, userId);
    if (!user?.administratorSince) {
      throw new AppError("not_found", "There is no such administrator.");
    }
    if (administrators < 2) {
      throw new AppError("conflict", "The last administrator stays. Invite another one first.");
    }
    await changeUser(tx, userId, { administratorSince: null });
    await endSessions(tx, userId);
    await recordDeed(tx, actor, {
      action: "administrator.remove",
      subject: userId,
      before: { email: user.email },
    });
  });
}
