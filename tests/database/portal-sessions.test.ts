import { beforeEach, describe, expect, test } from "vitest";
import * as route from "#app/api/v1/portal-sessions/route.ts";
import type { Member } from "#lib/actor.ts";
import { reloadConfig } from "#lib/config.ts";
import { createApiKey, revokeApiKey } from "#lib/identity/api-keys/commands.ts";
import { changeRole, removeMember } from "#lib/identity/commands.ts";
import { inviteMember } from "#lib/identity/invitations/commands.ts";
import { identityOf } from "#lib/identity/people/views.ts";
import { enterPortal } from "#lib/identity/portal-links/commands.ts";
import { portalLinkByToken } from "#lib/identity/portal-links/views.ts";
import { forgetExpired } from "#lib/identity/retention.ts";
import { MINUTE } from "#lib/time.ts";
import { useDatabase } from "#tests/support/database.ts";
import {
  administrator,
  fromAddress,
  here,
  member,
  organization,
  prepareIdentity,
  refusal,
  user,
} from "#tests/support/identity.ts";
import { prepareSettings } from "#tests/support/settings.ts";

const database = await useDatabase();
const { sql } = database;
await prepareSettings(database);
await prepareIdentity(sql);
reloadConfig({ BILLHOOK_URL: "https://billing.example.com" });
const root = await administrator(sql);
let key: { id: string; key: string };
let acme = "";
let olga: Member;

beforeEach(async () => {
  await sql`delete from rate_limits`;
  key = await createApiKey(root, { label: "Product" });
  acme = await organization(sql);
  olga = await member(sql, acme, "owner");
});

async function ask(body: object, bearer = key.key) {
  const request = new Request("http://evil.example/api/v1/portal-sessions", {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await route.POST(request);
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
}

function linkFor(who: Member, more: object = {}) {
  return ask({ organization_id: who.organizationId, user_email: who.label, ...more });
}

async function tokenFor(who: Member, more: object = {}): Promise<string> {
  const { body } = await linkFor(who, more);
  return String(body.url).split("/").at(-1) ?? "";
}

/** Presses the button, in a browser where nobody is signed in unless said. */
function press(token: string, present?: string, now = new Date()) {
  return entering(token, present, now, fromAddress("192.0.2.7"));
}

async function entering(token: string, present: string | undefined, now: Date, origin = here) {
  const identity = present === undefined ? undefined : await identityOf(present);
  return enterPortal(origin, identity, { token }, now);
}

async function sessionFor(who: Member): Promise<string> {
  const { sessionId } = await press(await tokenFor(who));
  if (!sessionId) throw new Error("No session was opened.");
  return sessionId;
}

describe("POST /api/v1/portal-sessions", () => {
  test("answers with a link of our own address that lets the member in, for five minutes", async () => {
    const asked = Date.now();

    const { status, headers, body } = await linkFor(olga);

    expect(status).toBe(201);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toEqual({
      id: expect.stringMatching(/^plk_/),
      url: expect.stringMatching(/^https:\/\/billing\.example\.com\/enter\/[\w-]{32}$/),
      expires_at: expect.any(String),
      organization_id: acme,
      member: { id: olga.userId, email: olga.label, role: "owner" },
    });
    expect(Date.parse(body.expires_at) - asked).toBeLessThanOrEqual(5 * MINUTE + 1_000);
  });

  test("keeps no token, only its hash, and writes down who asked for whom", async () => {
    const { body } = await linkFor(olga);

    const [row] = await sql`select * from portal_links where id = ${body.id}`;
    expect(JSON.stringify(row)).not.toContain(body.url.split("/").at(-1));
    const [deed] = await sql`select * from audit_entries where action = 'portal_link.create'
      and organization_id = ${acme}`;
    expect(deed).toMatchObject({ actor_kind: "api_key", actor_id: key.id, subject: olga.userId });
    expect(JSON.stringify(deed)).not.toContain(body.url.split("/").at(-1));
  });

  test("takes the product's own reference, and the member's id", async () => {
    await sql`update organizations set reference = ${`ref-${acme}`} where id = ${acme}`;

    const { status, body } = await ask({
      organization_id: `ref-${acme}`,
      member_id: olga.userId,
    });

    expect({ status, organization: body.organization_id }).toEqual({
      status: 201,
      organization: acme,
    });
  });

  test.each([
    [{}, "user_email"],
    [{ user_email: "a@example.com", member_id: "usr_1" }, "user_email"],
    [{ user_email: "nobody" }, "user_email"],
    [{ user_email: "a@example.com", create_member: "yes" }, "create_member"],
    [{ user_email: "a@example.com", role: "administrator" }, "role"],
  ])("refuses %j, and says which field is wrong", async (who, field) => {
    const { status, body } = await ask({ organization_id: acme, ...who });

    expect(status).toBe(422);
    expect(Object.keys(body.error.fields)).toEqual([field]);
  });

  test.each([
    "https://evil.example/",
    "//evil.example",
    "/../../admin",
    "/billing/../../../admin",
    "/\\evil.example",
    "/billing#x",
    "javascript:alert(1)",
    "/billing\nset-cookie: a=b",
    "",
  ])("never leads out of the portal: %j", async (return_to) => {
    const { status } = await linkFor(olga, { return_to });

    // Empty is absent: then it leads to billing.
    expect(status).toBe(return_to === "" ? 201 : 422);
  });

  test("leads to the page that was asked for, inside this organization's portal", async () => {
    const token = await tokenFor(olga, { return_to: "/change?plan=pln_1&quantity=3" });

    const { path } = await press(token);

    const [row] = await sql`select slug from organizations where id = ${acme}`;
    expect(path).toBe(`/portal/${row?.slug}/change?plan=pln_1&quantity=3`);
  });

  test("does not find a member of another organization, by e-mail or by id", async () => {
    const stranger = await member(sql, await organization(sql), "owner");

    const byEmail = await ask({ organization_id: acme, user_email: stranger.label });
    const byId = await ask({ organization_id: acme, member_id: stranger.userId });

    expect([byEmail.status, byId.status]).toEqual([404, 404]);
    expect(await sql`select from portal_links where user_id = ${stranger.userId}`).toHaveLength(0);
  });

  test("does not find an organization that is not there", async () => {
    expect((await ask({ organization_id: "org_none", user_email: "a@example.com" })).status).toBe(
      404,
    );
  });

  test("refuses a disabled account, and a revoked key", async () => {
    await sql`update users set disabled_at = now() where id = ${olga.userId}`;
    expect((await linkFor(olga)).status).toBe(403);

    await revokeApiKey(root, { keyId: key.id });

    expect((await linkFor(olga)).status).toBe(401);
  });

  test("makes 600 links in a minute and no more", async () => {
    await linkFor(olga);
    await sql`update rate_limits set points = 600 where key like 'portal_link_of_key:%'`;

    const { status, headers } = await linkFor(olga);

    expect(status).toBe(429);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("create_member", () => {
  const create = { create_member: true, role: "billing", name: "Bo" };

  test("makes a member without a password, and closes their invitation", async () => {
    const user_email = `bo-${acme}@example.com`;
    await inviteMember(olga, { organizationId: acme, email: user_email, role: "member" });

    const { status, body } = await ask({ organization_id: acme, user_email, ...create });

    expect(status).toBe(201);
    expect(body.member).toMatchObject({ email: user_email, role: "billing" });
    const [bo] = await sql`select name, password_hash from users where id = ${body.member.id}`;
    expect(bo).toEqual({ name: "Bo", password_hash: null });
    const [invitation] = await sql`select revoked_at from invitations where email = ${user_email}`;
    expect(invitation?.revoked_at).toBeInstanceOf(Date);
    expect(
      await sql`select from audit_entries where action = 'member.create'
        and organization_id = ${acme} and subject = ${body.member.id}`,
    ).toHaveLength(1);
  });

  test("makes one person and one member when it is asked eight times at once", async () => {
    const asked = { organization_id: acme, user_email: `eve-${acme}@example.com`, ...create };

    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(asked)));

    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect(new Set(answers.map(({ body }) => body.member.id)).size).toBe(1);
  });

  test("never changes the role of who is a member already", async () => {
    const { body } = await linkFor(olga, { create_member: true, role: "member" });

    expect(body.member.role).toBe("owner");
    const [row] = await sql`select role from members where user_id = ${olga.userId}`;
    expect(row?.role).toBe("owner");
  });
});

describe("the link", () => {
  test("is not used up by looking at it, however often", async () => {
    const token = await tokenFor(olga);
    for (let look = 0; look < 5; look++) await portalLinkByToken(token);

    expect(await portalLinkByToken(token)).toMatchObject({ works: true });
    expect(await press(token)).toMatchObject({ sessionId: expect.stringMatching(/^ses_/) });
  });

  test("opens one session, even when two press at once", async () => {
    const token = await tokenFor(olga);

    const outcomes = await Promise.all(Array.from({ length: 8 }, () => refusal(press(token))));

    expect(outcomes.toSorted()).toEqual(["fine", ...Array(7).fill("not_found")]);
    expect(await sql`select from sessions where user_id = ${olga.userId}`).toHaveLength(1);
  });

  test("says what to do when it is opened a second time", async () => {
    const token = await tokenFor(olga);
    await press(token);

    await expect(press(token)).rejects.toThrow("Go back to where you came from");
    expect(await portalLinkByToken(token)).toMatchObject({ works: false });
  });

  test("runs out after five minutes", async () => {
    const token = await tokenFor(olga);
    const later = new Date(Date.now() + 5 * MINUTE);

    expect(await portalLinkByToken(token, later)).toMatchObject({ works: false });
    expect(await refusal(press(token, undefined, later))).toBe("not_found");
    expect(await refusal(press(token))).toBe("fine");
  });

  test("cannot be kept for longer than five minutes, whoever writes it", async () => {
    await linkFor(olga);

    await expect(
      sql`update portal_links set expires_at = expires_at + interval '1 second'
        where organization_id = ${acme}`,
    ).rejects.toThrow("a_portal_link_is_short");
  });

  test("ends with the key that asked for it", async () => {
    const token = await tokenFor(olga);

    await revokeApiKey(root, { keyId: key.id });

    expect(await portalLinkByToken(token)).toMatchObject({ works: false });
    expect(await refusal(press(token))).toBe("not_found");
    const [row] = await sql`select used_at from portal_links where organization_id = ${acme}`;
    expect(row?.used_at).toBeNull();
  });

  test("ends with the membership, and with the account", async () => {
    const bo = await member(sql, acme, "billing");
    const removed = await tokenFor(bo);
    await removeMember(olga, { organizationId: acme, userId: bo.userId });
    const disabled = await tokenFor(olga);
    await sql`update users set disabled_at = now() where id = ${olga.userId}`;

    expect(await refusal(press(removed))).toBe("not_found");
    expect(await refusal(press(disabled))).toBe("not_found");
  });

  test.each(["", "a-link-that-nobody-made", "x".repeat(300)])("that is none: %j", async (token) => {
    expect(await portalLinkByToken(token)).toBeUndefined();
    expect(await refusal(press(token))).toMatch(/not_found|invalid_input/);
  });

  test("is forgotten a week after it ran out", async () => {
    await linkFor(olga);
    await sql`update portal_links set created_at = created_at - interval '8 days',
      expires_at = expires_at - interval '8 days' where organization_id = ${acme}`;

    await forgetExpired();

    expect(await sql`select from portal_links where organization_id = ${acme}`).toHaveLength(0);
  });
});

describe("the session", () => {
  test("sees one organization, and makes nobody an administrator", async () => {
    const somebody = await user(sql, undefined, { administrator: true });
    const there = await member(sql, acme, "billing", somebody);
    await member(sql, await organization(sql), "owner", somebody);

    const identity = await identityOf(await sessionFor(there));

    expect(identity).toMatchObject({
      isAdministrator: false,
      portalOf: acme,
      organizations: [{ id: acme, role: "billing" }],
    });
    expect(identity?.organizations).toHaveLength(1);
  });

  test("lasts twelve hours at most", async () => {
    const sessionId = await sessionFor(olga);

    expect(await identityOf(sessionId, new Date(Date.now() + 11.9 * 60 * MINUTE))).toBeDefined();
    expect(await identityOf(sessionId, new Date(Date.now() + 12.1 * 60 * MINUTE))).toBeUndefined();
  });

  test("ends when its key is revoked, and others stay", async () => {
    const sessionId = await sessionFor(olga);
    const other = await createApiKey(root, { label: "Other" });
    const { body } = await ask({ organization_id: acme, member_id: olga.userId }, other.key);
    const { sessionId: stays = "" } = await press(body.url.split("/").at(-1));

    await revokeApiKey(root, { keyId: key.id });

    expect(await identityOf(sessionId)).toBeUndefined();
    expect(await identityOf(stays)).toBeDefined();
  });

  test("ends with another role, as every session does", async () => {
    const bo = await member(sql, acme, "billing");
    const sessionId = await sessionFor(bo);

    await changeRole(olga, { organizationId: acme, userId: bo.userId, role: "member" });

    expect(await identityOf(sessionId)).toBeUndefined();
  });

  test("takes the place of somebody else's, which ends", async () => {
    const bo = await member(sql, acme, "billing");
    const before = await sessionFor(bo);

    const { sessionId = "" } = await press(await tokenFor(olga), before);

    expect(await identityOf(before)).toBeUndefined();
    expect(await identityOf(sessionId)).toMatchObject({ user: { id: olga.userId } });
    const deeds = await sql`select action, actor_id as who from audit_entries
      where actor_id in (${olga.userId}, ${bo.userId}) order by at, id`;
    expect(deeds).toMatchObject([
      { action: "portal_link.open", who: bo.userId },
      { action: "user.sign_out", who: bo.userId },
      { action: "portal_link.open", who: olga.userId },
    ]);
  });

  test("is always a new one, so that nobody can have known its id before", async () => {
    const first = await sessionFor(olga);

    const { sessionId } = await press(await tokenFor(olga), first);

    expect(sessionId).not.toBe(first);
    expect(await identityOf(first)).toBeUndefined();
  });

  test("of who is signed in as themselves already stays as it is", async () => {
    const [row] = await sql<{ id: string }[]>`
      insert into sessions (id, user_id, expires_at)
      values (${`ses_${acme.slice(4)}`}, ${olga.userId}, now() + interval '1 day') returning id`;
    const full = row?.id ?? "";

    const entered = await press(await tokenFor(olga), full);

    expect(entered.sessionId).toBeUndefined();
    expect(await identityOf(full)).toMatchObject({ portalOf: null });
    expect(await sql`select from sessions where user_id = ${olga.userId}`).toHaveLength(1);
  });
});
