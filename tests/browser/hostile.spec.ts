import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { connect, type Sql } from "#db/client.ts";
import { hashPassword } from "#lib/identity/passwords.ts";
import { newId } from "#lib/ids.ts";
import { filled } from "./addresses.ts";
import { ask, builtActions, callOf, formOf, inWords, openSession } from "./asking.ts";
import type { Person, Samples, Who } from "./deployments.ts";
import { openOffice } from "./office.ts";
import { whatThereIs } from "./role-table.ts";
import { playHistory } from "./seed.ts";

/*
 * The numbered cases that are about people and pages, over plain HTTP, on a deployment that nobody
 * else changes. Who may do what at all: roles.spec.ts.
 */

test.describe.configure({ mode: "default", timeout: 120_000 });

type Office = Awaited<ReturnType<typeof openOffice>>;
let office: Office;
let sql: Sql;
let samples: Samples;
let url = "";
const actions = builtActions();

test.beforeAll(async () => {
  office = await openOffice();
  url = office.url;
  sql = connect(office.environment.DATABASE_URL ?? "", { max: 2, name: "hostile tests" });
  samples = await playHistory(sql, office, office);
  // Mails that are still on their way would change rows by themselves.
  await expect
    .poll(
      async () =>
        (await sql`select from notices where sent_at is null and dropped_because is null`).length,
      { timeout: 60_000 },
    )
    .toBe(0);
});

test.afterAll(async () => {
  await sql?.end();
  await office?.close();
});

function cookieOf(who: Who): string {
  const { cookies }: { cookies: { name: string; value: string }[] } = JSON.parse(
    readFileSync(office.states[who], "utf8"),
  );
  return cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
}

function at(address: string, org = office.organizations.acme): string {
  const place = {
    org: org.slug,
    organization: org.id,
    invoice: samples.acmeInvoice,
    command: samples.acmeCommand,
    order: samples.acmeOrder,
    mail: "x",
  };
  return filled(address, samples, place);
}

/** A call of a server action, from a page of ours unless headers say otherwise. */
function call(what: string, fields: Record<string, string>, headers: Record<string, string>) {
  const { page, ...asked } = callOf(actions, what, fields);
  return ask(url + at(page), { ...asked, headers: { ...asked.headers, ...headers } });
}

async function makePerson(role?: "owner" | "member"): Promise<Person> {
  const person = {
    id: newId("usr"),
    email: `${randomBytes(4).toString("hex")}@globex.example`,
    password: "plenty of battery staples",
  };
  await sql`insert into users (id, email, name, password_hash)
    values (${person.id}, ${person.email}, 'Hal', ${await hashPassword(person.password)})`;
  if (role) {
    await sql`insert into members (organization_id, user_id, role)
      values (${office.organizations.globex.id}, ${person.id}, ${role})`;
  }
  return person;
}

/** A digest of every table of ours; sessions and keys note when they were used, which is no change. */
async function everything(): Promise<Record<string, string>> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE'
      and table_name not in ('sessions', 'api_keys', 'rate_limits')
    order by 1`;
  const digests: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await sql<{ digest: string }[]>`
      select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as digest
      from ${sql(name)} t`;
    digests[name] = row?.digest ?? "";
  }
  return digests;
}

/** What every action answers to these headers, asked by whoever may do it. */
async function answersOf(headers: Record<string, string>): Promise<Record<string, number>> {
  const got: Record<string, number> = {};
  for (const what of actions.keys()) {
    const cookie = cookieOf(/portal/.test(what) ? "owner" : "administrator");
    got[what] = (await call(what, { name: "Mallory" }, { ...headers, cookie })).status;
  }
  return got;
}
const allRefused = () => Object.fromEntries([...actions.keys()].map((what) => [what, 403]));

test("case 68: no action is done without an Origin, though a session be sent", async () => {
  const before = await everything();

  expect(await answersOf({})).toEqual(allRefused());
  expect(await everything()).toEqual(before);
});

test("case 69: no action is done for another Origin, whatever else agrees with it", async () => {
  const before = await everything();
  const { host } = new URL(url);
  const evil = { origin: "https://evil.example", "x-forwarded-host": "evil.example" };

  for (const headers of [
    { origin: "null" },
    { origin: "https://evil.example" },
    { origin: `http://sub.${host}` },
    { origin: `${url}.evil.example` },
    evil,
    { ...evil, forwarded: "host=evil.example", "x-original-url": "/api/health" },
    { origin: "https://evil.example", "sec-fetch-site": "same-origin" },
  ]) {
    expect(await answersOf(headers), JSON.stringify(headers)).toEqual(allRefused());
  }
  expect(await everything()).toEqual(before);
});

test("case 70: no route takes a text or a form from another site in a browser's name", async () => {
  const before = await everything();
  const cookie = cookieOf("administrator");
  const routes = whatThereIs().filter((what) => /^(POST|PUT|PATCH|DELETE) /.test(what));
  const authentication = ["callback/credentials", "signout", "session"].map(
    (name) => `POST /api/auth/${name}`,
  );
  for (const route of [...routes, ...authentication]) {
    const [method = "", address = ""] = route.split(" ");
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const { status } = await ask(url + at(address), {
        method,
        headers: { cookie, origin: "https://evil.example", "content-type": type },
        body: 'name=Mallory&x={"name":"Mallory"}',
      });
      // A machine's door asks for its own proof, which no browser sends by itself.
      const wanted = /api\/v1/.test(address) ? [401] : /webhooks/.test(address) ? [400] : [403];
      expect(wanted, `${route} as ${type}`).toContain(status);
    }
  }
  const { refused_requests: _, refused_counts: __, ...after } = await everything();
  expect(before).toMatchObject(after);
  expect((await ask(`${url}/account`, { headers: { cookie } })).status).toBe(200);
});

test("case 71: following every link changes no row", async () => {
  const before = await everything();
  for (const who of ["administrator", "owner"] as const) {
    const cookie = cookieOf(who);
    const seen = new Set<string>();
    const next = ["/", "/account", "/admin", "/portal"];
    while (next.length > 0 && seen.size < 120) {
      const address = next.shift() ?? "";
      if (seen.has(address)) continue;
      seen.add(address);
      const { status, body, location } = await ask(url + address, { headers: { cookie } });
      expect(status, address).toBeLessThan(500);
      const found = [...body.matchAll(/href="(\/[^"#]*)"/g)].map(([, href]) => href ?? "");
      const links = [location.replace(url, ""), ...found].filter((link) =>
        /^\/(?!_next)/.test(link),
      );
      // One page of each kind and state: a list of a hundred rows is one link.
      next.push(...links.map((link) => link.replaceAll("&amp;", "&")));
    }
    expect(seen.size).toBeGreaterThan(who === "owner" ? 5 : 25);
  }
  expect(await everything()).toEqual(before);
});

test("case 75: whatever belongs to another organization is not there, like what never was", async () => {
  const cookie = cookieOf("other owner");
  const { acme, globex } = office.organizations;
  const foreign = [acme.slug, acme.id, samples.acmeInvoice, samples.event, samples.customer];
  const nothing = `${samples.acmeInvoice.slice(0, 4)}${"0".repeat(26)}`;
  const pages = whatThereIs().filter((what) => what.startsWith("/portal/[org]"));
  const place = (id: string, org: string) => (page: string) =>
    page.replace("[org]", org).replace("[id]", id);

  for (const id of [...foreign, nothing]) {
    const addresses = [
      ...pages.filter((page) => page.includes("[id]")).map(place(id, globex.slug)),
      ...pages.map(place(id, acme.slug)),
      ...pages.map(place(id, id)),
    ];
    for (const address of addresses) {
      const { status, body } = await ask(url + address, { headers: { cookie } });
      expect(status, address).toBe(404);
      expect(body.replaceAll(acme.slug, ""), address).not.toMatch(/Acme|BH-0001/);
    }
    for (const page of pages.filter((each) => !each.includes("[id]"))) {
      const search = `?q=${id}&before=1762178700123456-${id}&organization=${id}&id=${id}`;
      const { status, body } = await ask(`${url}${place("", globex.slug)(page)}${search}`, {
        headers: { cookie },
      });
      expect(status, page).toBeLessThan(500);
      expect(body, page).not.toContain(acme.name);
    }
  }
  for (const what of [...actions.keys()].filter((each) => each.includes("/portal/"))) {
    const fields = { organizationId: acme.id, userId: office.people.member.id, role: "owner" };
    const reply = await call(what, fields, { cookie, origin: url });
    expect([reply.status, /"outcome":"done"/.test(reply.body)], what).toEqual([404, false]);
  }
});

const FAULT = /data-dgst|__next_error__|PostgresError|syntax error|invalid input syntax/;

test("case 76: a damaged place, an endless limit and an unknown order break no list", async () => {
  const cookie = cookieOf("administrator");
  const lists = whatThereIs().filter((what) => /^\/admin\/\w+$/.test(what));
  const place = `1762178700123456-${samples.event}`;
  const queries = [
    ...["' or 1=1 --", "\0", "x".repeat(5_000), `${place}x`, "-1", place, "%E0%A4%A"].map(
      (value) => `before=${value.includes("%") ? value : encodeURIComponent(value)}`,
    ),
    `before=${place}&after=${place}`,
    "before=a&before=b",
    ...["1e9", "-1", "NaN", "0", "99999999999999999999"].map((limit) => `limit=${limit}`),
    "sort=password_hash&order=desc;drop table users&columns=*",
    "mode=evil&status[]=x&type=%00&q=%00%27",
    "constructor=1&toString=1&then=1&__proto__=1&__proto__[x]=1",
    "status=a&status=b&q[]=c&%&=&&%ff=%ff",
  ];
  for (const list of lists) {
    for (const query of queries) {
      const { status, body } = await ask(`${url}${list}?${query}`, { headers: { cookie } });
      expect(status, `${list}?${query}`).toBeLessThan(500);
      // What fails after a page has begun to be sent is told within it, under 200.
      expect(FAULT.exec(body)?.[0], `${list}?${query}`).toBeUndefined();
      expect(body.split("<tr").length, `${list}?${query}`).toBeLessThan(210);
    }
  }
  expect(lists.length).toBeGreaterThan(5);
});

test("no action takes text that PostgreSQL cannot hold for a fault of ours", async () => {
  const { acme } = office.organizations;
  const bad = ["given", "gateway", "customerId", "planId", "priceRef", "conflictId", "price"];
  const fields = Object.fromEntries(bad.map((name) => [name, "a\u0000b"]));

  // Signing out reads nothing, and is done.
  for (const what of [...actions.keys()].filter((each) => !each.includes("signOutHere"))) {
    const who = /portal/.test(what) ? "owner" : "administrator";
    const asked = { ...fields, organizationId: acme.id, mode: "test", reason: "Why not." };
    const reply = await call(what, asked, { cookie: cookieOf(who), origin: url });

    expect(inWords(reply), what).not.toBe("a bug");
    expect(reply.status, what).toBeLessThan(500);
  }
});

test("case 77: what a form smuggles in beside its fields is left out", async () => {
  const person = await makePerson("member");
  const cookie = await openSession(url, person);
  const before = await everything();
  const smuggled = {
    role: "owner",
    userId: office.people.administrator.id,
    id: office.people.administrator.id,
    organizationId: office.organizations.acme.id,
    administratorSince: "2020-01-01",
    administrator_since: "2020-01-01",
    tierId: "tir_x",
    plan: "business",
    credits: "1000000",
    __proto__: "x",
  };

  const reply = await call(
    "app/account/actions.ts saveName",
    { name: "Hal Renamed", ...smuggled },
    { cookie, origin: url },
  );
  const made = await ask(`${url}/api/v1/organizations`, {
    method: "POST",
    headers: { authorization: `Bearer ${office.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "Smugglers", ...smuggled, tier_id: "tir_x", slug: "acme" }),
  });

  expect([reply.status, made.status]).toEqual([200, 201]);
  // Those who look for a change in all tables would have seen this one.
  expect(await everything()).not.toEqual(before);
  const users = await sql`select name, administrator_since from users where id = ${person.id}`;
  expect(users).toEqual([{ name: "Hal Renamed", administrator_since: null }]);
  const members = await sql`select organization_id, role from members where user_id = ${person.id}`;
  expect(members).toEqual([{ organization_id: office.organizations.globex.id, role: "member" }]);
  const others = await sql`select id from users where name = 'Hal Renamed'`;
  expect(others).toHaveLength(1);
  const [organization] = await sql`
    select o.slug, t.is_default from organizations o join tiers t on t.id = o.tier_id
    where o.name = 'Smugglers'`;
  expect(organization).toEqual({ slug: "smugglers", is_default: true });
});

test("case 78: a removed member and a lowered role are refused with the very next request", async () => {
  const person = await makePerson("owner");
  const cookie = await openSession(url, person);
  const { globex } = office.organizations;
  const look = async (page: string) =>
    (await ask(`${url}/portal/${globex.slug}/${page}`, { headers: { cookie } })).status;
  const before = [await look("members"), await look("invoices")];

  await sql`update members set role = 'member' where user_id = ${person.id}`;
  const lowered = [await look("members"), await look("invoices")];
  const fields = { organizationId: globex.id, email: "eve@evil.example", role: "owner" };
  const invite = await call("app/portal/[org]/members/actions.ts invite", fields, {
    cookie,
    origin: url,
  });
  await sql`delete from members where user_id = ${person.id}`;
  const removed = [await look("members"), await look("invoices")];
  await sql`update users set disabled_at = now() where id = ${person.id}`;
  const disabled = await ask(`${url}/account`, { headers: { cookie } });

  expect({ before, lowered, removed }).toEqual({
    before: [200, 200],
    lowered: [200, 404],
    removed: [404, 404],
  });
  expect(invite.body).toContain("Only an owner may change this");
  expect(await sql`select 1 from invitations where email = 'eve@evil.example'`).toEqual([]);
  expect(disabled.location).toMatch(/\/sign-in/);
});

test("the token of next-auth's own forms is no help to another site", async () => {
  const { form, headers, cookie } = await formOf(url, "", office.people.administrator);

  const reply = await ask(`${url}/api/auth/callback/credentials`, {
    method: "POST",
    headers: { ...headers, cookie, origin: "https://evil.example" },
    body: form,
  });

  expect([reply.status, reply.cookies]).toEqual([403, []]);
});
