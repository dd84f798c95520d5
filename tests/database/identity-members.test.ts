import { beforeAll, describe, expect, test } from "vitest";
import { db } from "#db/client.ts";
import { apiClientOf, createApiKey, revokeApiKey } from "#lib/identity/api-keys/commands.ts";
import {
  changeOrganization,
  changeRole,
  createOrganization,
  removeMember,
} from "#lib/identity/commands.ts";
import { inviteMember } from "#lib/identity/invitations/commands.ts";
import { openInvitations } from "#lib/identity/invitations/views.ts";
import { signIn } from "#lib/identity/people/commands.ts";
import { identityOf } from "#lib/identity/people/views.ts";
import {
  findOrganization,
  listMembers,
  listOrganizations,
  ownerEmailsOf,
} from "#lib/identity/views.ts";
import { useDatabase } from "#tests/support/database.ts";
import {
  administrator,
  here,
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

const ownersOf = async (organizationId: string) =>
  (await sql`select 1 from members where organization_id = ${organizationId} and role = 'owner'`)
    .length;

describe("the last owner", () => {
  test("of two owners who remove each other at once, one stays", async () => {
    const acme = await organization(sql);
    const [ana, ben] = [await member(sql, acme, "owner"), await member(sql, acme, "owner")];

    const answers = await Promise.all([
      refusal(removeMember(ana, { organizationId: acme, userId: ben.userId })),
      refusal(removeMember(ben, { organizationId: acme, userId: ana.userId })),
    ]);

    expect(answers).toContain("fine");
    expect(await ownersOf(acme)).toBe(1);
  });

  test("of eight owners who all step down at once, one stays", async () => {
    const acme = await organization(sql);
    const owners = await Promise.all(Array.from({ length: 8 }, () => member(sql, acme, "owner")));

    const answers = await Promise.all(
      owners.map(({ userId }, n) => {
        const owner = owners[n];
        if (!owner) throw new Error("There are eight.");
        return n % 2
          ? refusal(removeMember(owner, { organizationId: acme, userId }))
          : refusal(changeRole(owner, { organizationId: acme, userId, role: "member" }));
      }),
    );

    expect(answers.filter((answer) => answer === "fine")).toHaveLength(7);
    expect(answers.filter((answer) => answer === "conflict")).toHaveLength(1);
    expect(await ownersOf(acme)).toBe(1);
  });

  test("may not leave, and may not step down", async () => {
    const acme = await organization(sql);
    const ana = await member(sql, acme, "owner");
    await member(sql, acme, "billing");
    const herself = { organizationId: acme, userId: ana.userId };

    expect(await refusal(removeMember(ana, herself))).toBe("conflict");
    expect(await refusal(changeRole(ana, { ...herself, role: "billing" }))).toBe("conflict");
  });

  test("stays even for an administrator", async () => {
    const acme = await organization(sql);
    const ana = await member(sql, acme, "owner");
    const admin = await administrator(sql);

    const change = { organizationId: acme, userId: ana.userId, role: "billing" };

    expect(await refusal(changeRole(admin, change))).toBe("conflict");
  });
});

test("an owner whose role was just taken does nothing more with it", async () => {
  const acme = await organization(sql);
  const [ana, ben] = [await member(sql, acme, "owner"), await member(sql, acme, "owner")];
  await member(sql, acme, "owner");
  await changeRole(ana, { organizationId: acme, userId: ben.userId, role: "member" });

  const stale = { organizationId: acme, userId: ana.userId };

  expect(await refusal(removeMember(ben, stale))).toBe("not_allowed");
  expect(await refusal(changeRole(ben, { ...stale, role: "member" }))).toBe("not_allowed");
});

test.each(["billing", "member"] as const)(
  "a %s member changes nobody, but may leave",
  async (role) => {
    const acme = await organization(sql);
    const owner = await member(sql, acme, "owner");
    const actor = await member(sql, acme, role);
    const them = { organizationId: acme, userId: owner.userId };

    const answers = [
      await refusal(changeRole(actor, { ...them, role: "member" })),
      await refusal(removeMember(actor, them)),
      await refusal(inviteMember(actor, { organizationId: acme, email: "x@y.com", role: "owner" })),
      await refusal(changeOrganization(actor, { organizationId: acme, name: "Ours" })),
      await refusal(removeMember(actor, { organizationId: acme, userId: actor.userId })),
    ];

    expect(answers).toEqual(["not_allowed", "not_allowed", "not_allowed", "not_allowed", "fine"]);
  },
);

test("for an owner of another organization there is no such organization", async () => {
  const [acme, other] = [await organization(sql), await organization(sql)];
  const ana = await member(sql, acme, "owner");
  const eve = await member(sql, other, "owner");
  const them = { organizationId: acme, userId: ana.userId };

  const answers = [
    await refusal(changeRole(eve, { ...them, role: "member" })),
    await refusal(removeMember(eve, them)),
    await refusal(removeMember(eve, { organizationId: acme, userId: eve.userId })),
    await refusal(inviteMember(eve, { organizationId: acme, email: "x@y.com", role: "owner" })),
    await refusal(changeOrganization(eve, { organizationId: acme, name: "Mine" })),
    await refusal(changeRole(eve, { organizationId: other, userId: ana.userId, role: "owner" })),
  ];

  expect(new Set(answers)).toEqual(new Set(["not_found"]));
  expect(await listMembers(eve, acme)).toEqual([]);
  expect(await openInvitations(eve, acme)).toEqual([]);
  expect(await openInvitations(eve, null)).toEqual([]);
  expect(await findOrganization(eve, acme)).toBeUndefined();
});

test("a role that changes ends the member's sessions, and the next look tells the new role", async () => {
  const acme = await organization(sql);
  const owner = await member(sql, acme, "owner");
  const ben = await member(sql, acme, "billing", await user(sql, "ben@example.com"));
  const { sessionId } = await signIn(here, { email: "ben@example.com", password: PASSWORD });

  await changeRole(owner, { organizationId: acme, userId: ben.userId, role: "member" });

  expect(await identityOf(sessionId)).toBeUndefined();
  const again = await signIn(here, { email: "ben@example.com", password: PASSWORD });
  expect((await identityOf(again.sessionId))?.organizations).toMatchObject([{ role: "member" }]);
});

test("a new organization has the default tier, a slug of its own and an invited owner", async () => {
  const admin = await administrator(sql);

  const one = await createOrganization(admin, { name: "Globex GmbH", ownerEmail: "o@globex.com" });
  const two = await createOrganization(admin, { name: "Globex GmbH", ownerEmail: "" });

  expect([one.slug, two.slug]).toEqual(["globex-gmbh", "globex-gmbh-2"]);
  expect(await findOrganization(admin, "globex-gmbh")).toMatchObject({
    id: one.id,
    tier: { code: "free" },
  });
  expect(await openInvitations(admin, one.id)).toMatchObject([
    { email: "o@globex.com", role: "owner" },
  ]);
  expect(await mailsTo(sql, "o@globex.com")).toBe(1);
  const deeds = await sql`select action from audit_entries
    where organization_id = ${one.id} order by at, id`;
  expect(deeds.map((deed) => deed.action).sort()).toEqual([
    "invitation.send",
    "organization.create",
  ]);
});

test("twelve organizations of one name made at once get twelve slugs", async () => {
  const admin = await administrator(sql);

  const made = await Promise.all(
    Array.from({ length: 12 }, () => createOrganization(admin, { name: "Initech" })),
  );

  expect(new Set(made.map(({ slug }) => slug)).size).toBe(12);
});

test("an organization gets a slug however many have its name, or a name without letters of ours", async () => {
  const admin = await administrator(sql);
  await sql`insert into organizations (id, name, slug, tier_id)
    select 'org_nihon' || n, '日本', 'organization' || case n when 1 then '' else '-' || n end, 'tir_free'
    from generate_series(1, 1200) n`;

  const made = await Promise.all(
    ["日本", "Привет", "日本"].map((name) => createOrganization(admin, { name })),
  );

  expect(new Set(made.map(({ slug }) => slug)).size).toBe(3);
  expect(made.map(({ slug }) => slug)).toEqual(
    Array(3).fill(expect.stringMatching(/^organization-[a-z0-9]{8}$/)),
  );
});

test("an API client names an organization by its own reference, which is taken once", async () => {
  const admin = await administrator(sql);
  const { key } = await createApiKey(admin, { label: "Our app" });
  const client = await apiClientOf(`Bearer ${key}`, here);

  const made = await createOrganization(client, { name: "Hooli", reference: "team/42" });
  const again = refusal(createOrganization(client, { name: "Hooli", reference: "team/42" }));
  const likeOurs = refusal(createOrganization(client, { name: "Hooli", reference: "org_1" }));

  expect((await findOrganization(client, "team/42"))?.id).toBe(made.id);
  expect((await findOrganization(client, made.id))?.id).toBe(made.id);
  expect(await findOrganization(client, made.slug)).toBeUndefined();
  expect([await again, await likeOurs]).toEqual(["conflict", "invalid_input"]);
});

test.each([
  [{ name: "" }, "name"],
  [{ name: "x".repeat(121) }, "name"],
  [{ name: "a\u0000b" }, "name"],
  [{ name: 7 }, "name"],
  [{}, "name"],
  [{ name: "Ok", billingEmail: "nope" }, "billingEmail"],
  [{ name: "Ok", ownerEmail: ["a@b.c"] }, "ownerEmail"],
  [{ name: "Ok", reference: "line\nbreak" }, "reference"],
])("refuses a new organization of %j, naming the field", async (input, field) => {
  const admin = await administrator(sql);

  const refused = await createOrganization(admin, input).catch((error) => error);

  expect(refused).toMatchObject({ code: "invalid_input", fields: { [field]: expect.any(String) } });
});

test("lists organizations by name, a page at a time, and finds part of a name literally", async () => {
  const admin = await administrator(sql);
  for (const name of ["Zeta 1", "Zeta 2", "Zeta 100%"]) await createOrganization(admin, { name });

  const first = await listOrganizations(admin, { search: "zeta", limit: 2 });
  const last = first.rows.at(-1);
  const second = await listOrganizations(admin, { search: "zeta", limit: 2, after: last });

  expect(first.rows.map(({ name }) => name)).toEqual(["Zeta 1", "Zeta 100%"]);
  expect(first.hasMore).toBe(true);
  expect(second.rows.map(({ name }) => name)).toEqual(["Zeta 2"]);
  expect((await listOrganizations(admin, { search: "0%" })).rows).toHaveLength(1);
});

test("tells where notices for owners go", async () => {
  const acme = await organization(sql);
  await member(sql, acme, "owner", await user(sql, "z@owners.com"));
  await member(sql, acme, "owner", await user(sql, "a@owners.com"));
  await member(sql, acme, "billing");

  expect(await ownerEmailsOf(db(), acme)).toEqual(["a@owners.com", "z@owners.com"]);
});

describe("an API key", () => {
  test("is kept as a hash, works until it is revoked, and tells when it was used", async () => {
    const admin = await administrator(sql);
    const { id, key } = await createApiKey(admin, { label: "Our app" });

    const client = await apiClientOf(`Bearer ${key}`, here);
    const [row] = await sql`select * from api_keys where id = ${id}`;
    await revokeApiKey(admin, { keyId: id });

    expect(client).toMatchObject({ kind: "api_client", keyId: id, label: "Our app" });
    expect(JSON.stringify(row)).not.toContain(key);
    expect(row?.last_used_at).toBeInstanceOf(Date);
    expect(await refusal(apiClientOf(`Bearer ${key}`, here))).toBe("not_signed_in");
    expect(await refusal(revokeApiKey(admin, { keyId: id }))).toBe("not_found");
    expect(JSON.stringify(await sql`select * from audit_entries`)).not.toContain(key);
  });

  test.each([
    null,
    "",
    "Bearer",
    "Bearer bhk_",
    `Bearer bhk_${"a".repeat(32)}`,
    `Basic bhk_${"a".repeat(32)}`,
    `Bearer bhk_${"a".repeat(5000)}`,
  ])("is never %j", async (header) => {
    expect(await refusal(apiClientOf(header, here))).toBe("not_signed_in");
  });
});
