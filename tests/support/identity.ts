import { randomBytes } from "node:crypto";
import type { Sql } from "#db/client.ts";
import type { Administrator, Member, Origin, Role, SignedIn } from "#lib/actor.ts";
import { reloadConfig } from "#lib/config.ts";
import { AppError, type ErrorCode } from "#lib/errors.ts";
import { hashPassword } from "#lib/identity/passwords.ts";
import { newId } from "#lib/ids.ts";
import { openLink } from "#lib/sealing.ts";

export const PASSWORD = "correct battery 42";

export function fromAddress(ip: string): Origin {
  return { ip, userAgent: "Mozilla/5.0 (X11; Linux) Firefox/140.0" };
}

export const here = fromAddress("192.0.2.1");

/** A deployment that can mail links and has a default tier. */
export async function prepareIdentity(sql: Sql): Promise<void> {
  reloadConfig({
    BILLHOOK_MASTER_KEYS: `k1:${randomBytes(32).toString("base64")}`,
    LOG_LEVEL: "silent",
  });
  await sql`insert into tiers (id, code, name, rank, is_default)
    values ('tir_free', 'free', 'Free', 0, true) on conflict do nothing`;
}

let hashed: Promise<string> | undefined;

/** Somebody with the password above. */
export async function user(
  sql: Sql,
  email = `${newId("usr")}@example.com`,
  about: { administrator?: boolean } = {},
): Promise<SignedIn> {
  hashed ??= hashPassword(PASSWORD);
  const id = newId("usr");
  const since = about.administrator ? new Date() : null;
  await sql`insert into users (id, email, name, password_hash, administrator_since)
    values (${id}, ${email}, ${email.split("@")[0] ?? ""}, ${await hashed}, ${since})`;
  return { kind: "user", userId: id, label: email, origin: here };
}

export async function administrator(sql: Sql, email?: string): Promise<Administrator> {
  const someone = await user(sql, email, { administrator: true });
  return { ...someone, kind: "administrator" };
}

export async function organization(sql: Sql, slug: string = newId("org")): Promise<string> {
  const id = newId("org");
  await sql`insert into organizations (id, name, slug, tier_id)
    values (${id}, ${slug}, ${slug}, 'tir_free')`;
  return id;
}

export async function member(
  sql: Sql,
  organizationId: string,
  role: Role,
  someone?: SignedIn,
): Promise<Member> {
  const who = someone ?? (await user(sql));
  await sql`insert into members (organization_id, user_id, role)
    values (${organizationId}, ${who.userId}, ${role})`;
  return { ...who, kind: "member", organizationId, role };
}

/** The token in the newest link that was mailed to somebody. */
export async function mailedToken(sql: Sql, to: string): Promise<string> {
  const [job] = await sql<{ link: string }[]>`
    select data ->> 'sealedLink' as link from pgboss.job
    where name = 'mail.send' and data ->> 'to' = ${to} and data ? 'sealedLink'
    order by created_on desc limit 1`;
  return (
    openLink(job?.link ?? "")
      .split("/")
      .at(-1) ?? ""
  );
}

export async function mailsTo(sql: Sql, to: string): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from pgboss.job where name = 'mail.send' and data ->> 'to' = ${to}`;
  return row?.n ?? 0;
}

/** The code that something was refused with; `fine` when it was not refused. */
export async function refusal(doing: Promise<unknown>): Promise<ErrorCode | "fine"> {
  try {
    await doing;
    return "fine";
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}
