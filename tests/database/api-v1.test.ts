import { afterAll, beforeEach, describe, expect, test } from "vitest";
import * as entitlementsRoute from "#app/api/v1/organizations/[id]/entitlements/route.ts";
import * as organizationRoute from "#app/api/v1/organizations/[id]/route.ts";
import * as organizationsRoute from "#app/api/v1/organizations/route.ts";
import { createApiKey, revokeApiKey } from "#lib/identity/api-keys/commands.ts";
import { seatsOf } from "#lib/identity/seats/views.ts";
import { newId } from "#lib/ids.ts";
import { useDatabase } from "#tests/support/database.ts";
import { ada, jobsOf, prepareSettings } from "#tests/support/settings.ts";

const database = await useDatabase();
const { sql } = database;
await prepareSettings(database);
const { key, id: keyId } = await createApiKey(ada, { label: "Product" });

beforeEach(async () => {
  await sql`truncate organizations, audit_entries cascade`;
  await sql`delete from entitlements`;
  await sql`delete from pgboss.job`;
});

const BASE = "http://localhost:3000/api/v1/organizations";
const acme = { name: "Acme", reference: "customer-42", billing_email: "bills@acme.example" };

function request(url: string, init: RequestInit = {}, bearer: string | null = key): Request {
  const headers = new Headers(init.headers);
  if (bearer) headers.set("authorization", `Bearer ${bearer}`);
  return new Request(url, { ...init, headers });
}

async function post(body: unknown, more: { bearer?: string | null; type?: string } = {}) {
  const init = {
    method: "POST",
    headers: { "content-type": more.type ?? "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
  return answer(await organizationsRoute.POST(request(BASE, init, more.bearer ?? key)));
}

async function get(id: string, bearer: string | null = key) {
  const context = { params: Promise.resolve({ id }) };
  return answer(await organizationRoute.GET(request(BASE, {}, bearer), context));
}

async function entitlements(id: string, bearer: string | null = key) {
  const context = { params: Promise.resolve({ id }) };
  return answer(await entitlementsRoute.GET(request(BASE, {}, bearer), context));
}

async function answer(response: Response) {
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe("POST /api/v1/organizations", () => {
  test("makes an organization on the default tier, and says where it is", async () => {
    const { status, headers, body } = await post({ ...acme, owner_email: "olga@acme.example" });

    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^org_/),
      name: "Acme",
      slug: "acme",
      reference: "customer-42",
      billing_email: "bills@acme.example",
      tier: { code: "free", name: "Free" },
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(headers.get("location")).toBe(`/api/v1/organizations/${body.id}`);
    expect(await jobsOf(sql, "mail.send")).toMatchObject([{ to: "olga@acme.example" }]);
    const [deed] = await sql`select * from audit_entries where action = 'organization.create'`;
    expect(deed).toMatchObject({ actor_kind: "api_key", actor_id: keyId, subject: body.id });
  });

  test("answers with the one that is there when it is asked again", async () => {
    const first = await post(acme);

    const again = await post({ ...acme, name: " Acme " });

    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
    expect(await sql`select 1 from organizations`).toHaveLength(1);
  });

  test("makes one when it is asked eight times at once", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(acme)));

    expect(answers.map(({ status }) => status).sort()).toEqual([
      200, 200, 200, 200, 200, 200, 200, 201,
    ]);
    expect(await sql`select 1 from organizations`).toHaveLength(1);
  });

  test("refuses the same reference with another name", async () => {
    await post(acme);

    const { status, body } = await post({ ...acme, name: "Globex" });

    expect(status).toBe(409);
    expect(body.error).toMatchObject({
      code: "conflict",
      fields: { reference: expect.anything() },
    });
  });

  test.each([
    [{}, "name"],
    [{ ...acme, name: 42 }, "name"],
    [{ ...acme, name: "" }, "name"],
    [{ ...acme, name: "x".repeat(10_000) }, "name"],
    [{ ...acme, name: "a\0b" }, "name"],
    [{ ...acme, reference: ["x"] }, "reference"],
    [{ ...acme, reference: "org_mine" }, "reference"],
    [{ ...acme, billing_email: "nobody" }, "billing_email"],
    [{ ...acme, owner_email: { to: "x" } }, "owner_email"],
  ])("answers 422 and names the field for %j", async (wrong, field) => {
    const { status, body } = await post(wrong);

    expect(status).toBe(422);
    expect(body.error).toMatchObject({
      code: "invalid_input",
      fields: { [field]: expect.any(String) },
    });
    expect(await sql`select 1 from organizations`).toHaveLength(0);
  });

  test.each(["", "{", "null", "[]", '"Acme"', "42"])(
    "answers 422 for the body %j",
    async (body) => {
      expect((await post(body)).status).toBe(422);
    },
  );

  test("answers 422 for what is not sent as JSON", async () => {
    expect((await post(acme, { type: "text/plain" })).status).toBe(422);
  });

  test("answers 413 for more than 64 KiB", async () => {
    const { status, body } = await post({ ...acme, padding: "x".repeat(65 * 1024) });

    expect(status).toBe(413);
    expect(body.error.code).toBe("too_large");
  });
});

describe("GET /api/v1/organizations/{id}", () => {
  test("answers by our id and by the product's own reference", async () => {
    const { body: made } = await post(acme);

    for (const id of [made.id, "customer-42"]) {
      expect(await get(id)).toMatchObject({ status: 200, body: made });
    }
  });

  test.each(["org_unknown", "acme", "\0", "", "x".repeat(5_000), "' or 1=1 --"])(
    "answers 404 for %j",
    async (id) => {
      await post(acme);

      const { status, body } = await get(id);

      expect(status).toBe(404);
      expect(body.error).toMatchObject({ code: "not_found", fields: {} });
    },
  );
});

describe("GET /api/v1/organizations/{id}/entitlements", () => {
  test("says the tier and what it allows, and what it does not", async () => {
    const { body: made } = await post(acme);
    await sql`insert into tiers (id, code, name, rank) values ('tir_api', 'api', 'Api', 50)
      on conflict do nothing`;
    await sql`insert into entitlements (tier_id, key, name, kind, is_included, limit_value) values
      ('tir_free', 'projects', 'Projects', 'limit', true, 3),
      ('tir_free', 'events', 'Events', 'limit', true, null),
      ('tir_api', 'sso', 'Single sign-on', 'feature', true, null)`;

    const { status, body } = await entitlements("customer-42");

    expect(status).toBe(200);
    expect(body).toEqual({
      organization_id: made.id,
      reference: "customer-42",
      tier: { code: "free", name: "Free" },
      valid_until: null,
      features: { sso: false },
      limits: { projects: 3, events: null },
    });
  });

  describe("of seats", () => {
    beforeEach(async () => {
      await sql`insert into tiers (id, code, name, rank) values ('tir_team', 'team', 'Team', 60)
        on conflict do nothing`;
      await sql`insert into plans (id, code, name, tier_id, is_per_seat) values
        ('pln_team', 'team', 'Team', 'tir_team', true), ('pln_flat', 'flat', 'Flat', 'tir_team', false)
        on conflict do nothing`;
      await sql`insert into entitlements (tier_id, key, name, kind, limit_value) values
        ('tir_free', 'seats', 'Seats', 'limit', 1), ('tir_team', 'seats', 'Seats', 'limit', 50)`;
    });

    afterAll(async () => {
      await sql`truncate organizations cascade`;
      await sql`delete from plans`;
    });

    async function having(plan: string, quantity: number, status = "active"): Promise<void> {
      const [made] = await sql<{ id: string }[]>`update organizations set tier_id = 'tir_team'
        where reference = 'customer-42' returning id`;
      const id = newId("sub");
      await sql`insert into subscriptions (id, gateway, mode, ref, organization_id, customer_ref, status,
          gateway_status, plan_id, quantity, items)
        values (${id}, 'stripe', 'test', ${id}, ${made?.id ?? ""}, 'cus_1', ${status}, ${status}, ${plan},
          ${quantity}, '[]')`;
    }

    async function seats() {
      return (await entitlements("customer-42")).body.limits.seats;
    }

    test("says those that are bought, where the plan is sold by the seat", async () => {
      await post(acme);
      await having("pln_team", 4);

      expect(await seats()).toBe(4);
    });

    test("says those that are bought, even where no tier names any", async () => {
      await sql`delete from entitlements`;
      await post(acme);
      expect(await seats()).toBeNull();
      await having("pln_team", 4);

      expect(await seats()).toBe(4);
    });

    test("says any number where the tier names none, as the portal does", async () => {
      await sql`delete from entitlements where tier_id = 'tir_free'`;
      const made = await post(acme);

      expect(await seats()).toBeNull();
      expect(await seatsOf(ada, made.body.id)).toMatchObject({ all: null });
    });

    test("says the tier's number, where it is had flat, free of charge, or not bought any more", async () => {
      await post(acme);
      expect(await seats()).toBe(1);
      await having("pln_team", 4, "canceled");
      expect(await seats()).toBe(50);
      await having("pln_team", 4);
      await having("pln_flat", 1);

      expect(await seats()).toBe(50);
    });
  });

  test("answers 404 for an unknown organization", async () => {
    expect((await entitlements("org_unknown")).status).toBe(404);
  });
});

describe("the platform API", () => {
  test("answers 401 without a key, with a wrong one, and with a revoked one", async () => {
    const revoked = await createApiKey(ada, { label: "Old" });
    await revokeApiKey(ada, { keyId: revoked.id });

    for (const bearer of [null, "", "bhk_wrong", `bhk_${"x".repeat(32)}`, revoked.key]) {
      const answers = [
        await get("customer-42", bearer),
        await entitlements("customer-42", bearer),
        await answer(await organizationsRoute.POST(foreign(bearer))),
      ];
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    }
  });

  test("answers 405 for methods that an address does not have", async () => {
    for (const refused of [
      organizationsRoute.GET(),
      organizationRoute.DELETE(),
      entitlementsRoute.POST(),
    ]) {
      expect(refused.status).toBe(405);
      expect(refused.headers.get("allow")).toMatch(/^(GET|POST)$/);
      expect((await refused.json()).error.code).toBe("method_not_allowed");
    }
  });
});

function foreign(bearer: string | null): Request {
  const headers = { "content-type": "application/json" };
  return request(BASE, { method: "POST", headers, body: JSON.stringify(acme) }, bearer);
}
