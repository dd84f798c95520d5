import { beforeEach, describe, expect, test } from "vitest";
import type { Member } from "#lib/actor.ts";
import { inviteMember, resendInvitation } from "#lib/identity/invitations/commands.ts";
import { openInvitations } from "#lib/identity/invitations/views.ts";
import { seatsOf } from "#lib/identity/seats/views.ts";
import { newId } from "#lib/ids.ts";
import { useDatabase } from "#tests/support/database.ts";
import { member, organization, prepareIdentity } from "#tests/support/identity.ts";
import { ada, prepareSettings } from "#tests/support/settings.ts";

const database = await useDatabase();
const { sql } = database;
await prepareSettings(database);
await prepareIdentity(sql);
await sql`insert into plans (id, code, name, tier_id, is_per_seat) values
  ('pln_flat', 'flat', 'Flat', 'tir_free', false), ('pln_seats', 'seats', 'Seats', 'tir_free', true)`;
let acme = "";
let olga: Member;

beforeEach(async () => {
  await sql`delete from entitlements`;
  acme = await organization(sql);
  olga = await member(sql, acme, "owner");
});

function seats() {
  return seatsOf(olga, acme);
}

async function allow(limit: number | null): Promise<void> {
  await sql`insert into entitlements (tier_id, key, name, kind, limit_value)
    values ('tir_free', 'seats', 'Seats', 'limit', ${limit})`;
}

async function subscription(plan: string, quantity: number, status: string): Promise<void> {
  const id = newId("sub");
  await sql`insert into subscriptions (id, gateway, mode, ref, organization_id, customer_ref, status,
      gateway_status, plan_id, quantity, items)
    values (${id}, 'stripe', 'test', ${id}, ${acme}, 'cus_1', ${status}, ${status}, ${plan}, ${quantity}, '[]')`;
}

function invite(name: string, actor: Parameters<typeof inviteMember>[0] = olga): Promise<void> {
  const email = `${name}.${acme}@example.com`;
  return inviteMember(actor, { organizationId: acme, email, role: "member" });
}

describe("seats", () => {
  test("are used by members and open invitations, and without end where the tier names none", async () => {
    await member(sql, acme, "member");
    await invite("a");

    expect(await seats()).toEqual({ used: 3, all: null, isBySeat: false });
  });

  test("are as many as the tier allows, or as are bought one by one", async () => {
    await allow(10);
    expect(await seats()).toEqual({ used: 1, all: 10, isBySeat: false });

    await subscription("pln_seats", 2, "canceled");
    expect(await seats()).toMatchObject({ all: 10 });

    await subscription("pln_seats", 4, "active");
    expect(await seats()).toEqual({ used: 1, all: 4, isBySeat: true });
  });

  test("are as many as the tier allows where that is had in another way too", async () => {
    await allow(10);
    await subscription("pln_seats", 4, "active");
    await subscription("pln_flat", 1, "active");

    expect(await seats()).toMatchObject({ all: 10, isBySeat: false });
  });

  test("are as many as the tier allows while that is free of charge", async () => {
    await allow(10);
    await subscription("pln_seats", 4, "active");
    await sql`insert into comps (id, organization_id, tier_id, tier_before_id, given_at, ends_at, reason,
        given_by_label, intention)
      values (${newId("cmp")}, ${acme}, 'tir_free', 'tir_free', now(), now() + interval '1 day', 'Friends',
        'ada', ${acme})`;

    expect(await seats()).toMatchObject({ all: 10 });
    await sql`update comps set ended_at = now() where organization_id = ${acme}`;
    expect(await seats()).toMatchObject({ all: 4 });
  });

  test("of another organization are nobody's to see", async () => {
    const other = await organization(sql);
    await member(sql, other, "owner");

    expect(await seats()).toMatchObject({ used: 1 });
    await expect(seatsOf(olga, other)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("the last seat", () => {
  const FULL = {
    code: "conflict",
    message: "All 2 seats are in use. Take more under Billing, or remove somebody first.",
  };

  test("is taken once, where two owners invite at the same moment", async () => {
    const oscar = await member(sql, acme, "owner");
    await allow(3);

    const both = await Promise.allSettled([invite("a"), invite("b", oscar)]);

    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await seats()).toMatchObject({ used: 3, all: 3 });
  });

  test("is the end of inviting, and of mails", async () => {
    await allow(2);
    await invite("a");
    const mails = async () =>
      (
        await sql`select 1 from pgboss.job where name = 'mail.send' and data::text like ${`%b.${acme}%`}`
      ).length;

    await expect(invite("b")).rejects.toMatchObject(FULL);

    expect(await seats()).toMatchObject({ used: 2 });
    expect(await mails()).toBe(0);
  });

  test("is not taken again by who has it: inviting and sending again go on", async () => {
    await allow(2);
    await invite("a");

    await invite("a");
    const [open] = await openInvitations(olga, acme);
    await resendInvitation(olga, { organizationId: acme, invitationId: open?.id });

    expect(await seats()).toMatchObject({ used: 2 });
  });

  test("is taken by an invitation that ran out and is sent again", async () => {
    await allow(2);
    await invite("a");
    const [open] = await openInvitations(olga, acme);
    await sql`update invitations set expires_at = now() - interval '1 minute' where id = ${open?.id ?? ""}`;
    await invite("b");

    await expect(
      resendInvitation(olga, { organizationId: acme, invitationId: open?.id }),
    ).rejects.toMatchObject(FULL);
  });

  test("is no end for administrators, who mend", async () => {
    await allow(1);

    await invite("a", ada);

    expect(await seats()).toMatchObject({ used: 2, all: 1 });
  });
});
