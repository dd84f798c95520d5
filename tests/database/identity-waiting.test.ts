import type postgres from "postgres";
import { beforeAll, expect, test } from "vitest";
import { acceptInvitation, inviteMember } from "#lib/identity/invitations/commands.ts";
import { requestPasswordReset, resetPassword } from "#lib/identity/resets/commands.ts";
import { useDatabase } from "#tests/support/database.ts";
import {
  here,
  mailedToken,
  member,
  organization,
  prepareIdentity,
  refusal,
  user,
} from "#tests/support/identity.ts";

/* Two who want the same at once wait for each other in one order, and never in a circle. */

const { sql } = await useDatabase();
beforeAll(() => prepareIdentity(sql));

/** Holds a row, begins something that waits for it, and then does more before it lets go. */
async function meanwhile(
  hold: (tx: postgres.TransactionSql) => Promise<unknown>,
  begin: () => Promise<string>,
  more: (tx: postgres.TransactionSql) => Promise<unknown>,
): Promise<string> {
  const begun = await sql.begin(async (tx) => {
    await hold(tx);
    const answer = begin();
    await expect
      .poll(async () => (await sql`select from pg_locks where not granted`).length)
      .toBeGreaterThan(0);
    await more(tx);
    return { answer };
  });
  return begun.answer;
}

test("an invitation that is revoked while it is accepted lets nobody in", async () => {
  const acme = await organization(sql);
  const owner = await member(sql, acme, "owner");
  await inviteMember(owner, { organizationId: acme, email: "late@example.com", role: "owner" });
  const token = await mailedToken(sql, "late@example.com");
  const late = await user(sql);

  const answer = await meanwhile(
    (tx) => tx`select from organizations where id = ${acme} for no key update`,
    () => refusal(acceptInvitation(here, late, { token })),
    (tx) => tx`update invitations set revoked_at = now() where organization_id = ${acme}`,
  );

  expect(answer).toBe("not_found");
  expect(await sql`select from members where user_id = ${late.userId}`).toHaveLength(0);
});

test("a link to choose a password ends while somebody changes it who knows the one before", async () => {
  const ben = await user(sql, "ben@example.com");
  await requestPasswordReset(here, { email: "ben@example.com" });
  const token = await mailedToken(sql, "ben@example.com");

  const answer = await meanwhile(
    (tx) => tx`select from users where id = ${ben.userId} for no key update`,
    () => refusal(resetPassword(here, { token, password: "another battery 43" })),
    (tx) => tx`update password_resets set used_at = now() where user_id = ${ben.userId}`,
  );

  expect(answer).toBe("not_found");
});
