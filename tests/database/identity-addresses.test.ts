import { beforeAll, describe, expect, test } from "vitest";
import { db } from "#db/client.ts";
import type { ApiClient } from "#lib/actor.ts";
import { changeEmail } from "#lib/identity/account/commands.ts";
import { apiClientOf, createApiKey } from "#lib/identity/api-keys/commands.ts";
import { acceptInvitation, inviteMember } from "#lib/identity/invitations/commands.ts";
import { makePortalLink } from "#lib/identity/portal-links/commands.ts";
import { requestPasswordReset, resetPassword } from "#lib/identity/resets/commands.ts";
import { organizationsWithEmail } from "#lib/imports/store.ts";
import { useDatabase } from "#tests/support/database.ts";
import {
  administrator,
  here,
  mailedToken,
  mailsTo,
  member,
  organization,
  PASSWORD,
  prepareIdentity,
  refusal,
  user,
} from "#tests/support/identity.ts";

/* Anybody may write any address into their account: only who answers a mail to it is given what is its. */

const { sql } = await useDatabase();
let product: ApiClient;

beforeAll(async () => {
  await prepareIdentity(sql);
  const { key } = await createApiKey(await administrator(sql), { label: "Product" });
  product = await apiClientOf(`Bearer ${key}`, here);
});

/** Somebody of an organization of their own who writes an address into their account. */
async function chose(email: string) {
  const own = await organization(sql);
  const mallory = await member(sql, own, "owner");
  await changeEmail({ ...mallory, kind: "user" }, { email, password: PASSWORD });
  return { own, mallory };
}

describe("an address that somebody chose and never proved", () => {
  test("makes nobody a member in its name, in whatever role", async () => {
    await chose("vera@victim.example");
    const victim = await organization(sql);
    const wanted = { organizationId: victim, userEmail: "vera@victim.example" };

    const link = makePortalLink(product, { ...wanted, createMember: true, role: "owner" });

    await expect(link).rejects.toThrow(/never proved/);
    expect(await sql`select from members where organization_id = ${victim}`).toHaveLength(0);
  });

  test("lets nobody in as its member either, but by their id", async () => {
    const { own, mallory } = await chose("walt@victim.example");

    const byAddress = makePortalLink(product, {
      organizationId: own,
      userEmail: "walt@victim.example",
    });
    const byId = makePortalLink(product, { organizationId: own, memberId: mallory.userId });

    expect(await refusal(byAddress)).toBe("conflict");
    expect(await refusal(byId)).toBe("fine");
  });

  test("stands for no organization where customers are matched by it", async () => {
    await chose("bills@victim.example");

    expect(await organizationsWithEmail(db(), "bills@victim.example")).toEqual([]);
  });
});

describe("an address is proved", () => {
  test("by choosing a password by a mail to it", async () => {
    const { own } = await chose("yves@example.com");
    await requestPasswordReset(here, { email: "yves@example.com" });

    await resetPassword(here, {
      token: await mailedToken(sql, "yves@example.com"),
      password: "another battery 43",
    });

    expect(await organizationsWithEmail(db(), "Yves@example.com")).toEqual([own]);
  });

  test("by accepting an invitation that was sent to it, and no other", async () => {
    const { own, mallory } = await chose("zoe@example.com");
    for (const email of ["else@example.com", "zoe@example.com"]) {
      const other = await organization(sql);
      await inviteMember(await member(sql, other, "owner"), {
        organizationId: other,
        email,
        role: "member",
      });
      expect(await organizationsWithEmail(db(), "zoe@example.com")).toEqual([]);
      const token = await mailedToken(sql, email);
      await acceptInvitation(here, { ...mallory, kind: "user" }, { token });
    }

    expect(await organizationsWithEmail(db(), "zoe@example.com")).toEqual([own]);
  });

  test("and stays so when the same is saved again", async () => {
    const own = await organization(sql);
    const olga = await member(sql, own, "owner", await user(sql, "olga@example.com"));

    await changeEmail({ ...olga, kind: "user" }, { email: "Olga@example.com", password: PASSWORD });

    expect(await organizationsWithEmail(db(), "olga@example.com")).toEqual([own]);
  });
});

test("a letter that only looks like one of ours makes no address of ours", async () => {
  await member(sql, await organization(sql), "owner", await user(sql, "kim@example.com"));

  // The Kelvin sign is a plain k in lower case.
  expect(await organizationsWithEmail(db(), "\u212aim@example.com")).toEqual([]);
});

test("a link to choose a password is not mailed to an address that was just left", async () => {
  const uma = await user(sql, "uma@example.com");
  let leave = () => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const moving = sql.begin(async (tx) => {
    await tx`update users set email = 'uma2@example.com' where id = ${uma.userId}`;
    await left;
  });
  const asked = requestPasswordReset(here, { email: "uma@example.com" });
  await expect
    .poll(async () => (await sql`select from pg_locks where not granted`).length)
    .toBeGreaterThan(0);

  leave();
  await Promise.all([moving, asked]);

  expect(await mailsTo(sql, "uma@example.com")).toBe(0);
  expect(await sql`select from password_resets where user_id = ${uma.userId}`).toHaveLength(0);
});
