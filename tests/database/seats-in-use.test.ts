import { beforeEach, expect, test } from "vitest";
import type { Member } from "#lib/actor.ts";
import { seatsOf } from "#lib/billing/changing/seats-views.ts";
import { inviteMember } from "#lib/identity/invitations/commands.ts";
import { newId } from "#lib/ids.ts";
import { useDatabase } from "#tests/support/database.ts";
import { member, organization, prepareIdentity } from "#tests/support/identity.ts";
import { prepareSettings } from "#tests/support/settings.ts";

const database = await useDatabase();
const { sql } = database;
await prepareSettings(database);
await prepareIdentity(sql);
let acme = "";
let olga: Member;

beforeEach(async () => {
  await sql`delete from entitlements`;
  acme = await organization(sql);
  olga = await member(sql, acme, "owner");
});

test("counts members and open invitations, without end where the tier names no seats", async () => {
  await member(sql, acme, "member");
  await inviteMember(olga, { organizationId: acme, email: `${acme}@example.com`, role: "member" });

  expect(await seatsOf(olga)).toEqual({ used: 3, all: null });
});

test("knows what the tier allows, and what is paid for by the seat", async () => {
  await sql`insert into entitlements (tier_id, key, name, kind, limit_value)
    values ('tir_free', 'seats', 'Seats', 'limit', 10)`;
  await sql`insert into plans (id, code, name, tier_id, is_per_seat) values
    ('pln_flat', 'flat', 'Flat', 'tir_free', false), ('pln_seats', 'seats', 'Seats', 'tir_free', true)`;
  expect(await seatsOf(olga)).toEqual({ used: 1, all: 10 });

  await subscription("pln_flat", 1, "active");
  await subscription("pln_seats", 2, "canceled");
  expect(await seatsOf(olga)).toEqual({ used: 1, all: 10 });

  await subscription("pln_seats", 4, "active");
  expect(await seatsOf(olga)).toEqual({ used: 1, all: 4 });
});

test("never tells of another organization", async () => {
  const other = await organization(sql);
  await member(sql, other, "owner");
  await member(sql, other, "member");

  expect(await seatsOf(olga)).toMatchObject({ used: 1 });
});

async function subscription(plan: string, quantity: number, status: string): Promise<void> {
  const id = newId("sub");
  await sql`insert into subscriptions (id, gateway, mode, ref, organization_id, customer_ref, status,
      gateway_status, plan_id, quantity, items)
    values (${id}, 'stripe', 'test', ${id}, ${acme}, 'cus_1', ${status}, ${status}, ${plan}, ${quantity}, '[]')`;
}
