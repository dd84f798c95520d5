import { beforeAll, expect, test } from "vitest";
import { changeEmail, changePassword } from "#lib/identity/account/commands.ts";
import {
  createAdministrator,
  makeFirstAdministrator,
  removeAdministrator,
} from "#lib/identity/administrators/commands.ts";
import { endMySession, signIn, signOut } from "#lib/identity/people/commands.ts";
import { hasAdministrator, identityOf, sessionsOf } from "#lib/identity/people/views.ts";
import { forgetExpired } from "#lib/identity/retention.ts";
import { addDays } from "#lib/time.ts";
import { useDatabase } from "#tests/support/database.ts";
import {
  administrator,
  fromAddress,
  here,
  mailsTo,
  PASSWORD,
  prepareIdentity,
  refusal,
  user,
} from "#tests/support/identity.ts";

const { sql } = await useDatabase();
beforeAll(() => prepareIdentity(sql));

test("of eight people who open the first-run page at once, one becomes the administrator", async () => {
  const tries = Array.from({ length: 8 }, (_, n) =>
    refusal(
      makeFirstAdministrator(fromAddress(`192.0.2.${n}`), {
        name: `Person ${n}`,
        email: `first-${n}@example.com`,
        password: PASSWORD,
      }),
    ),
  );

  const answers = await Promise.all(tries);

  expect(answers.filter((answer) => answer === "fine")).toHaveLength(1);
  expect(answers.filter((answer) => answer === "not_found")).toHaveLength(7);
  expect(await sql`select id from users where administrator_since is not null`).toHaveLength(1);
  expect(await sql`select id from users where email like 'first-%'`).toHaveLength(1);
  expect(await hasAdministrator()).toBe(true);
});

test("signs in by e-mail in any letter case, and says nothing about which of the two was wrong", async () => {
  const ana = await user(sql, "ana@example.com");

  const { sessionId, userId } = await signIn(here, {
    email: " ANA@Example.com",
    password: PASSWORD,
  });
  const wrong = await signIn(here, { email: "ana@example.com", password: "wrong password" }).catch(
    (error: Error) => error.message,
  );
  const unknown = await signIn(here, { email: "nobody@example.com", password: PASSWORD }).catch(
    (error: Error) => error.message,
  );

  expect(userId).toBe(ana.userId);
  expect((await identityOf(sessionId))?.user.email).toBe("ana@example.com");
  expect(wrong).toBe(unknown);
});

test("takes about as long for a stranger's address as for a wrong password", async () => {
  await user(sql, "slow@example.com");
  const time = async (email: string) => {
    const start = performance.now();
    await refusal(signIn(fromAddress("192.0.2.200"), { email, password: "not the password" }));
    return performance.now() - start;
  };
  await time("warm-up@example.com");

  const known = Math.min(await time("slow@example.com"), await time("slow@example.com"));
  const unknown = Math.min(await time("none1@example.com"), await time("none2@example.com"));

  expect(unknown).toBeGreaterThan(known / 3);
});

test("stops guessing from one address, and still lets the owner in from another", async () => {
  await user(sql, "victim@example.com");
  const guess = () =>
    refusal(
      signIn(fromAddress("198.51.100.9"), { email: "victim@example.com", password: "guess guess" }),
    );

  const answers = await Promise.all(Array.from({ length: 20 }, guess));

  expect(answers.filter((answer) => answer === "invalid_input")).toHaveLength(6);
  expect(answers.filter((answer) => answer === "too_many_requests")).toHaveLength(14);
  const credentials = { email: "victim@example.com", password: PASSWORD };
  expect(await refusal(signIn(fromAddress("198.51.100.9"), credentials))).toBe("too_many_requests");
  expect(await refusal(signIn(fromAddress("203.0.113.5"), credentials))).toBe("fine");
});

test("stops one address that tries many accounts, however it moves within its IPv6 network", async () => {
  const tries = Array.from({ length: 70 }, (_, n) =>
    refusal(
      signIn(fromAddress(`2001:db8:1:2::${n + 1}`), {
        email: `spray-${n}@example.com`,
        password: "spray and pray",
      }),
    ),
  );

  const answers = await Promise.all(tries);

  expect(answers.filter((answer) => answer === "too_many_requests")).toHaveLength(10);
});

test("does not count sign-ins that were right", async () => {
  await user(sql, "busy@example.com");
  const from = fromAddress("203.0.113.77");

  for (let n = 0; n < 10; n++) {
    await signIn(from, { email: "busy@example.com", password: PASSWORD });
  }

  expect(await sql`select id from sessions where ip = '203.0.113.77'`).toHaveLength(10);
});

test.each([
  ["8 days without use", { last_seen_at: addDays(new Date(), -8) }],
  ["30 days, however busy", { expires_at: addDays(new Date(), -0.01) }],
])("ends a session after %s", async (_why, change) => {
  const ben = await user(sql);
  const { sessionId } = await signIn(here, { email: ben.label, password: PASSWORD });
  await sql`update sessions set ${sql(change)} where id = ${sessionId}`;

  const identity = await identityOf(sessionId);
  await forgetExpired();

  expect(identity).toBeUndefined();
  expect(await sql`select id from sessions where id = ${sessionId}`).toHaveLength(0);
});

test("ends the session of somebody who was disabled", async () => {
  const ben = await user(sql);
  const { sessionId } = await signIn(here, { email: ben.label, password: PASSWORD });

  await sql`update users set disabled_at = now() where id = ${ben.userId}`;

  expect(await identityOf(sessionId)).toBeUndefined();
  expect(await refusal(signIn(here, { email: ben.label, password: PASSWORD }))).toBe(
    "invalid_input",
  );
});

test("signs out one browser and leaves the other", async () => {
  const cleo = await user(sql);
  const one = await signIn(here, { email: cleo.label, password: PASSWORD });
  const other = await signIn(here, { email: cleo.label, password: PASSWORD });

  await signOut(cleo, one);

  expect(await identityOf(one.sessionId)).toBeUndefined();
  expect(await identityOf(other.sessionId)).toBeDefined();
});

test("ends nobody else's session", async () => {
  const [dan, eve] = [await user(sql), await user(sql)];
  const { sessionId } = await signIn(here, { email: dan.label, password: PASSWORD });

  const answer = await refusal(endMySession(eve, { sessionId }));

  expect(answer).toBe("not_found");
  expect(await sessionsOf(dan)).toHaveLength(1);
});

test("a new password ends every session and opens one for the browser that changed it", async () => {
  const fay = await user(sql);
  const before = await signIn(here, { email: fay.label, password: PASSWORD });
  await signIn(here, { email: fay.label, password: PASSWORD });

  const after = await changePassword(fay, { current: PASSWORD, password: "another battery 43" });

  expect(await identityOf(before.sessionId)).toBeUndefined();
  expect((await sessionsOf(fay)).map((session) => session.id)).toEqual([after.sessionId]);
  expect(await refusal(signIn(here, { email: fay.label, password: PASSWORD }))).toBe(
    "invalid_input",
  );
  expect(await mailsTo(sql, fay.label)).toBe(1);
});

test("a wrong current password changes nothing, and may be guessed ten times an hour", async () => {
  const gil = await user(sql);
  const guess = () =>
    refusal(changePassword(gil, { current: "wrong wrong", password: "another battery 43" }));

  const answers = await Promise.all(Array.from({ length: 12 }, guess));

  expect(answers.filter((answer) => answer === "invalid_input")).toHaveLength(10);
  expect(answers.filter((answer) => answer === "too_many_requests")).toHaveLength(2);
});

test("two people never share an address, in whatever letter case", async () => {
  const hal = await user(sql, "hal@example.com");
  await user(sql, "ida@example.com");

  const taken = refusal(changeEmail(hal, { email: "IDA@example.com", password: PASSWORD }));
  const twin = sql`insert into users (id, email, name) values ('usr_twin', 'Hal@Example.com', 'x')`;

  expect(await taken).toBe("invalid_input");
  await expect(twin).rejects.toThrow("one_user_per_email");
});

test("what a profile form smuggles in is left out", async () => {
  const jon = await user(sql, "jon@example.com");
  const input = { email: "jon2@example.com", password: PASSWORD, administratorSince: "2020-01-01" };

  await changeEmail(jon, input);

  const [row] = await sql`select email, administrator_since from users where id = ${jon.userId}`;
  expect(row).toEqual({ email: "jon2@example.com", administrator_since: null });
});

test("of two administrators who remove each other at once, one stays", async () => {
  await sql`update users set administrator_since = null`;
  const [kim, lea] = [await administrator(sql), await administrator(sql)];

  const answers = await Promise.all([
    refusal(removeAdministrator(kim, { userId: lea.userId })),
    refusal(removeAdministrator(lea, { userId: kim.userId })),
  ]);

  expect(answers.sort()).toEqual(["conflict", "fine"]);
  expect(await hasAdministrator()).toBe(true);
});

test("an administrator who is removed is signed out", async () => {
  const [kim, lea] = [await administrator(sql), await administrator(sql)];
  const { sessionId } = await signIn(here, { email: lea.label, password: PASSWORD });

  await removeAdministrator(kim, { userId: lea.userId });

  expect(await identityOf(sessionId)).toBeUndefined();
  expect(await refusal(removeAdministrator(kim, { userId: lea.userId }))).toBe("not_found");
});

test("the command line gives a known person the role and a new password, and notes it", async () => {
  const mia = await user(sql, "mia@example.com");
  const { sessionId } = await signIn(here, { email: "mia@example.com", password: PASSWORD });
  const operator = { kind: "operator" as const, label: "command line", origin: here };

  const made = await createAdministrator(operator, {
    email: "Mia@example.com",
    name: "Mia",
    password: "yet another 44 words",
  });

  expect(made).toEqual({ userId: mia.userId, isNew: false });
  expect(await identityOf(sessionId)).toBeUndefined();
  const fresh = await signIn(here, { email: "mia@example.com", password: "yet another 44 words" });
  expect((await identityOf(fresh.sessionId))?.isAdministrator).toBe(true);
  const deeds =
    await sql`select actor_kind from audit_entries where action = 'administrator.create'`;
  expect(deeds).toEqual([{ actor_kind: "command_line" }]);
});
