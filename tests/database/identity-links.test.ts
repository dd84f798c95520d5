import { beforeAll, describe, expect, test } from "vitest";
import { changePassword } from "#lib/identity/account/commands.ts";
import {
  acceptInvitation,
  inviteAdministrator,
  inviteMember,
  resendInvitation,
  revokeInvitation,
} from "#lib/identity/invitations/commands.ts";
import { invitationByToken, openInvitations } from "#lib/identity/invitations/views.ts";
import { signIn } from "#lib/identity/people/commands.ts";
import { identityOf, sessionsOf } from "#lib/identity/people/views.ts";
import { isResetOpen, requestPasswordReset, resetPassword } from "#lib/identity/resets/commands.ts";
import { useDatabase } from "#tests/support/database.ts";
import {
  administrator,
  fromAddress,
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

const { sql } = await useDatabase();
beforeAll(() => prepareIdentity(sql));

const NEW_PASSWORD = "another battery 43";

async function invited(email: string, role: "owner" | "billing" | "member" = "billing") {
  const acme = await organization(sql);
  const owner = await member(sql, acme, "owner");
  await inviteMember(owner, { organizationId: acme, email, role });
  return { acme, owner, token: await mailedToken(sql, email) };
}

describe("an invitation", () => {
  test("makes the account of a newcomer, signs them in, and works once", async () => {
    const { acme, token } = await invited("new@example.com");
    const input = { token, name: "Nora New", password: PASSWORD };

    const accepted = await acceptInvitation(here, undefined, input);

    const identity = await identityOf(accepted.sessionId ?? "");
    expect(identity?.user).toMatchObject({ name: "Nora New", email: "new@example.com" });
    expect(identity?.organizations).toMatchObject([{ id: acme, role: "billing" }]);
    expect(await refusal(acceptInvitation(here, undefined, input))).toBe("not_found");
    expect(await invitationByToken(token)).toBeUndefined();
  });

  test("of eight browsers that accept at once, lets one in", async () => {
    const { acme, token } = await invited("race@example.com");
    const tries = Array.from({ length: 8 }, async () => {
      const someone = await user(sql);
      return refusal(acceptInvitation(here, someone, { token }));
    });

    const answers = await Promise.all(tries);

    expect(answers.filter((answer) => answer === "fine")).toHaveLength(1);
    expect(await sql`select 1 from members where organization_id = ${acme}`).toHaveLength(2);
  });

  test("links who is signed in, whatever their address", async () => {
    const { acme, token } = await invited("work@example.com", "owner");
    const private_ = await user(sql, "private@example.com");
    const before = await signIn(here, { email: "private@example.com", password: PASSWORD });

    await acceptInvitation(here, private_, { token });

    const identity = await identityOf(before.sessionId);
    expect(identity?.organizations).toMatchObject([{ id: acme, role: "owner" }]);
  });

  test("never takes over the account that has its address: its owner must sign in", async () => {
    await user(sql, "known@example.com");
    const { token } = await invited("known@example.com");
    const input = { token, name: "Eve", password: NEW_PASSWORD };

    const answer = await refusal(acceptInvitation(here, undefined, input));

    expect(answer).toBe("conflict");
    expect((await invitationByToken(token))?.hasAccount).toBe(true);
    const credentials = { email: "known@example.com", password: NEW_PASSWORD };
    expect(await refusal(signIn(here, credentials))).toBe("invalid_input");
  });

  test("does not demote a member, and is not used up by trying", async () => {
    const { acme, token } = await invited("second@example.com", "member");
    const owner = await member(sql, acme, "owner");

    const answer = await refusal(acceptInvitation(here, { ...owner, kind: "user" }, { token }));

    expect(answer).toBe("conflict");
    expect(await invitationByToken(token)).toBeDefined();
  });

  test("is not used up by a weak password", async () => {
    const { token } = await invited("weak@example.com");

    const answer = await refusal(
      acceptInvitation(here, undefined, { token, name: "W", password: "password123" }),
    );

    expect(answer).toBe("invalid_input");
    expect(await invitationByToken(token)).toBeDefined();
  });

  test("ends after seven days", async () => {
    const { token } = await invited("late@example.com");
    await sql`update invitations set expires_at = now() - interval '1 second'
      where email = 'late@example.com'`;

    const answer = await refusal(acceptInvitation(here, await user(sql), { token }));

    expect(answer).toBe("not_found");
    expect(await invitationByToken(token)).toBeUndefined();
  });

  test("that is sent again has a new link, and the old one ends", async () => {
    const { acme, owner, token } = await invited("again@example.com");
    const [open] = await openInvitations(owner, acme);

    await resendInvitation(owner, { organizationId: acme, invitationId: open?.id });

    const fresh = await mailedToken(sql, "again@example.com");
    expect(await invitationByToken(token)).toBeUndefined();
    expect(await invitationByToken(fresh)).toMatchObject({ email: "again@example.com" });
    expect(await openInvitations(owner, acme)).toHaveLength(1);
  });

  test("that is revoked ends at once", async () => {
    const { acme, owner, token } = await invited("revoked@example.com");
    const [open] = await openInvitations(owner, acme);
    const which = { organizationId: acme, invitationId: open?.id };

    await revokeInvitation(owner, which);

    expect(await invitationByToken(token)).toBeUndefined();
    expect(await refusal(revokeInvitation(owner, which))).toBe("not_found");
  });

  test("of another organization cannot be named, sent again or revoked", async () => {
    const { acme, owner } = await invited("theirs@example.com");
    const other = await organization(sql);
    const eve = await member(sql, other, "owner");
    const [open] = await openInvitations(owner, acme);

    const answers = [
      await refusal(revokeInvitation(eve, { organizationId: acme, invitationId: open?.id })),
      await refusal(revokeInvitation(eve, { organizationId: other, invitationId: open?.id })),
      await refusal(resendInvitation(eve, { organizationId: other, invitationId: open?.id })),
      await refusal(revokeInvitation(eve, { organizationId: null, invitationId: open?.id })),
    ];

    expect(new Set(answers)).toEqual(new Set(["not_found"]));
    expect(await openInvitations(owner, acme)).toHaveLength(1);
  });

  test("to be an administrator gives the role and ends older sessions", async () => {
    const admin = await administrator(sql);
    const zoe = await user(sql, "zoe@example.com");
    const before = await signIn(here, { email: "zoe@example.com", password: PASSWORD });
    await inviteAdministrator(admin, { email: "zoe@example.com" });
    const token = await mailedToken(sql, "zoe@example.com");

    const accepted = await acceptInvitation(here, zoe, { token });

    expect(await identityOf(before.sessionId)).toBeUndefined();
    expect((await identityOf(accepted.sessionId ?? ""))?.isAdministrator).toBe(true);
    expect(await refusal(inviteAdministrator(admin, { email: "zoe@example.com" }))).toBe(
      "invalid_input",
    );
  });

  test("is kept so that neither the database nor its jobs hold a usable link", async () => {
    const { token } = await invited("sealed@example.com");

    const rows = JSON.stringify([
      await sql`select * from invitations`,
      await sql`select * from pgboss.job`,
      await sql`select * from audit_entries`,
    ]);

    expect(token.length).toBeGreaterThan(20);
    expect(rows).not.toContain(token);
  });
});

describe("a password reset", () => {
  test("sets the password once, ends every session and every other link", async () => {
    const ana = await user(sql, "reset@example.com");
    const { sessionId } = await signIn(here, { email: "reset@example.com", password: PASSWORD });
    await requestPasswordReset(here, { email: "Reset@Example.com" });
    const first = await mailedToken(sql, "reset@example.com");
    await requestPasswordReset(here, { email: "reset@example.com" });
    const second = await mailedToken(sql, "reset@example.com");

    await resetPassword(here, { token: second, password: NEW_PASSWORD });

    expect(await identityOf(sessionId)).toBeUndefined();
    expect(await sessionsOf(ana)).toHaveLength(0);
    expect([await isResetOpen(first), await isResetOpen(second)]).toEqual([false, false]);
    const again = { token: second, password: "third battery 44" };
    expect(await refusal(resetPassword(here, again))).toBe("not_found");
    await signIn(here, { email: "reset@example.com", password: NEW_PASSWORD });
  });

  test("of eight browsers with one link, lets one choose", async () => {
    await user(sql, "reset-race@example.com");
    await requestPasswordReset(here, { email: "reset-race@example.com" });
    const token = await mailedToken(sql, "reset-race@example.com");

    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        refusal(resetPassword(here, { token, password: `battery number ${n}` })),
      ),
    );

    expect(answers.filter((answer) => answer === "fine")).toHaveLength(1);
  });

  test("is answered alike for a stranger's address, and mails nobody", async () => {
    await user(sql, "real@example.com");
    const time = async (email: string) => {
      const start = performance.now();
      await requestPasswordReset(fromAddress("198.51.100.30"), { email });
      return performance.now() - start;
    };

    const [known, unknown] = [await time("real@example.com"), await time("unreal@example.com")];

    expect(Math.abs(known - unknown)).toBeLessThan(300);
    expect(Math.min(known, unknown)).toBeGreaterThan(350);
    expect(await mailsTo(sql, "unreal@example.com")).toBe(0);
  });

  test("floods nobody's mailbox, and says nothing about it", async () => {
    await user(sql, "flooded@example.com");

    for (let n = 0; n < 5; n++) {
      await requestPasswordReset(fromAddress(`198.51.100.${n}`), { email: "flooded@example.com" });
    }

    expect(await mailsTo(sql, "flooded@example.com")).toBe(3);
  });

  test("ends after an hour, and when the password is changed otherwise", async () => {
    const ben = await user(sql, "old-link@example.com");
    await requestPasswordReset(here, { email: "old-link@example.com" });
    const token = await mailedToken(sql, "old-link@example.com");
    const hourLater = new Date(Date.now() + 61 * 60_000);
    const openThen = await isResetOpen(token, hourLater);

    await changePassword(ben, { current: PASSWORD, password: NEW_PASSWORD });

    expect(openThen).toBe(false);
    expect(await isResetOpen(token)).toBe(false);
  });

  test("is not used up by a weak password", async () => {
    await user(sql, "weak-reset@example.com");
    await requestPasswordReset(here, { email: "weak-reset@example.com" });
    const token = await mailedToken(sql, "weak-reset@example.com");

    const answer = await refusal(resetPassword(here, { token, password: "weak-reset" }));

    expect(answer).toBe("invalid_input");
    expect(await isResetOpen(token)).toBe(true);
  });

  test.each(["", "x", "x".repeat(5000), "a\u0000b"])("does not open by %j", async (token) => {
    const answer = await refusal(resetPassword(here, { token, password: NEW_PASSWORD }));

    expect(["not_found", "invalid_input"]).toContain(answer);
    expect(await isResetOpen(token)).toBe(false);
  });
});
