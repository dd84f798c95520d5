import { randomBytes } from "node:crypto";
import { expect, test } from "@playwright/test";
import { connect, type Sql } from "#db/client.ts";
import { type Deployment, freePort, type RunningApp, startApp } from "../support/app.ts";
import { filled } from "./addresses.ts";
import { type Asked, ask, builtActions, callOf, formOf, inWords, openSession } from "./asking.ts";
import { deployments, ROLES, type Who } from "./deployments.ts";
import { event, signatureOf, subscription } from "./objects.ts";
import { ASKERS, type Asker, type Row, readRoleTable, whatThereIs } from "./role-table.ts";
import { customerOf } from "./seed.ts";

/*
 * docs/roles.md against the app: every row, asked by everybody over HTTP. Those who ask are people of
 * their own, because some rows end sessions and memberships.
 */

const { seeded } = deployments();
const { url, samples, walkers } = seeded;
const { umbrella, globex } = seeded.organizations;
const actions = builtActions();
const table = readRoleTable();
const cookies = new Map<Who, string>();
let sql: Sql;
let mail = "";
let withoutMailbox: (Deployment & RunningApp) | undefined;

/** Rows that take a session or a membership from whoever asks; all is put back before the next. */
const TAKING =
  /sign-?out|endAll|endOne|savePassword|saveEmail|members\/actions|callback\/credentials|accept/i;
/** The first run has a deployment and a spec of its own. */
const FIRST_RUN = "while there is no administrator";
const NO_MAILBOX = "there is a mail server, or no demo";

test.describe.configure({ mode: "default", timeout: 120_000 });

test.beforeAll(async () => {
  sql = connect(seeded.environment.DATABASE_URL ?? "", { max: 2, name: "role table" });
  await putEverybodyBack();
  await expect(async () => {
    const mailbox = await ask(`${url}/mailbox`);
    mail = /\/mailbox\/([\w-]+)"/.exec(mailbox.body)?.[1] ?? "";
    expect(mail).not.toBe("");
  }).toPass({ timeout: 30_000 });
});

test.afterAll(async () => {
  await withoutMailbox?.stop();
  await sql.end();
});

test("gives every page, action and route of the code a row in the table", () => {
  const rows = new Set(table.map((row) => row.what));
  expect(whatThereIs().filter((what) => !rows.has(what))).toEqual([]);
});

test("has no row for what is not in the code", () => {
  const there = new Set(whatThereIs());
  const ours = table.filter(({ what }) => !what.includes("/api/auth/"));
  expect(ours.map((row) => row.what).filter((what) => !there.has(what))).toEqual([]);
});

test("finds every action of the build in the table", () => {
  const rows = new Set(table.map((row) => row.what));
  expect([...actions.keys()].filter((what) => !rows.has(what))).toEqual([]);
});

for (const row of table) {
  if (row.when === FIRST_RUN) continue;
  const title = `${row.what}${row.when && ` (${row.when})`}`;
  test(`answers everybody as the table says: ${title}`, async () => {
    const wanted = { ...row.answers };
    const got = { ...row.answers } as Record<Asker, string>;
    for (const asker of ASKERS) {
      const reply = await ask(...(await requestOf(row, asker)));
      got[asker] = alike(inWords(reply), row.answers[asker], reply.body);
      if (TAKING.test(row.what)) await putEverybodyBack();
    }
    expect(got).toEqual(wanted);
  });
}

test("answers a call whose arguments are no form without falling over", async () => {
  const got: Record<string, number> = {};
  for (const [what, { id, page }] of actions) {
    const cookie = cookies.get(/portal/.test(what) ? "owner" : "administrator") ?? "";
    const headers = { "next-action": id, "content-type": "text/plain", origin: url, cookie };
    const reply = await ask(url + at(page), { method: "POST", headers, body: "[{},[7]]" });
    if (reply.status >= 500) got[what] = reply.status;
    if (TAKING.test(what)) await putEverybodyBack();
  }
  expect(got).toEqual({});
});

test("changes nothing for those who may not change it", async () => {
  const before = await everythingSaid();
  for (const row of table.filter(({ kind }) => kind === "action")) {
    for (const asker of ASKERS) {
      if (["ok", "home"].includes(row.answers[asker])) continue;
      await ask(...(await requestOf(row, asker)));
    }
  }
  expect(await everythingSaid()).toEqual(before);
});

/** What an asker sends for a row, with the fields that the action or route wants. */
async function requestOf(row: Row, asker: Asker): Promise<[string, Asked]> {
  const credentials = credentialsOf(asker);
  const base = await baseOf(row);
  const from = { ...credentials, ...(row.when.includes("from elsewhere") && { host: ELSEWHERE }) };
  if (row.kind === "page") return [base + at(row.what), { headers: from }];
  if (row.kind === "route") return routeRequest(row, base, from);
  const { page, ...asked } = callOf(actions, row.what, fieldsFor(row, asker));
  return [base + at(page), { ...asked, headers: { ...asked.headers, origin: url, ...from } }];
}

const ELSEWHERE = "billing.example.com";

async function routeRequest(
  { what, when }: Row,
  base: string,
  credentials: Record<string, string>,
): Promise<[string, Asked]> {
  const [method = "GET", address = ""] = what.split(" ");
  const headers = { ...credentials, ...(method === "POST" && { origin: url }) };
  const since = address === "/admin/webhooks/new" ? `?since=${Date.now()}000-${samples.event}` : "";
  const target = base + at(address) + since;
  if (address.startsWith("/api/auth/") && method === "POST" && !address.endsWith("_log")) {
    const {
      form,
      cookie,
      headers: type,
    } = await formOf(url, credentials.cookie ?? "", walkers.member);
    return [target, { method, headers: { ...headers, ...type, cookie }, body: form }];
  }
  if (address.startsWith("/api/webhooks/")) {
    const told = subscription(customerOf(""), "price_demo_pro_monthly", "active");
    const id = `evt_${randomBytes(8).toString("hex")}`;
    const body = JSON.stringify(event(id, "customer.subscription.updated", told, 1));
    const proof = { "stripe-signature": signatureOf(body, seeded.secret) };
    return [target, { method, headers: { ...headers, ...(!/without/.test(when) && proof) }, body }];
  }
  if (method === "GET") return [target, { headers }];
  const body = JSON.stringify({
    name: `Made over the API ${randomBytes(3).toString("hex")}`,
    organization_id: umbrella.id,
    user_email: walkers.member.email,
  });
  return [target, { method, headers: { ...headers, "content-type": "application/json" }, body }];
}

function credentialsOf(asker: Asker): Record<string, string> {
  if (asker === "visitor") return {};
  if (asker === "API key") return { authorization: `Bearer ${seeded.apiKey}` };
  return { cookie: cookies.get(asker) ?? "" };
}

/** What the forms of the pages hold; the values are right, so that only the role can be wrong. */
function fieldsFor({ what, when }: Row, asker: Asker): Record<string, string> {
  const self = asker === "visitor" || asker === "API key" ? "owner" : asker;
  const other = asker === "member" ? walkers.billing : walkers.member;
  const ours = what.includes("/portal/") || what.endsWith("organizations/actions.ts invite");
  return {
    ...(ours && { organizationId: umbrella.id }),
    userId: when === "of themselves" ? walkers[self].id : other.id,
    invitationId: "inv_00000000000000000000000000",
    role: "member",
    email: `${randomBytes(4).toString("hex")}@example.com`,
    name: "Somebody",
    password: "long enough to be kept",
    eventId: samples.event,
    objectId: samples.object,
    mode: "test",
  };
}

async function baseOf({ when }: Row): Promise<string> {
  if (when !== NO_MAILBOX) return url;
  if (!withoutMailbox) {
    const port = await freePort();
    const { BILLHOOK_DEMO: _, ...environment } = seeded.environment;
    const changes = { PORT: String(port), ROLE: "web", SMTP_URL: "smtp://127.0.0.1:9" };
    const deployment = { port, dataDir: "", environment: { ...environment, ...changes } };
    const app = await startApp({ ...deployment, url: `http://127.0.0.1:${port}` });
    withoutMailbox = { ...deployment, ...app };
  }
  return withoutMailbox.url;
}

function at(address: string): string {
  const { invoice, command, order } = samples;
  const place = { org: umbrella.slug, invoice, command, order, mail };
  return filled(address, samples, { ...place, organization: umbrella.id });
}

/** Two words of the table are of people, not of HTTP: what may only be read is a page that works. */
function alike(got: string, wanted: string, body: string): string {
  if (wanted === "read" && got === "ok") return "read";
  if (wanted === "on" && got.startsWith("on to /admin/")) return "on";
  // An action that succeeds may go on to any page.
  if (wanted === "ok" && (got === "home" || got.startsWith("on to "))) return "ok";
  if (wanted === "404" && got === "ok" && /has an administrator already/.test(body)) return "404";
  return got;
}

async function putEverybodyBack(): Promise<void> {
  for (const who of ROLES) {
    const { id, email } = walkers[who];
    const where = who === "other owner" ? globex : umbrella;
    const role = who === "other owner" ? "owner" : who;
    await sql`update users set email = ${email} where id = ${id}`;
    if (who !== "administrator") {
      await sql`insert into members (organization_id, user_id, role) values (${where.id}, ${id}, ${role})
        on conflict (organization_id, user_id) do update set role = excluded.role`;
    }
    await sql`delete from rate_limits`;
    const cookie = cookies.get(who);
    const alive = cookie && (await ask(`${url}/account`, { headers: { cookie } })).status === 200;
    if (!alive) cookies.set(who, await openSession(url, walkers[who]));
  }
}

/** Everything that people can change, as the database has it. */
async function everythingSaid(): Promise<unknown> {
  const [row] = await sql`
    select
      (select json_agg(m order by m.user_id, m.organization_id) from members m) as members,
      (select count(*)::int from invitations) as invitations,
      (select json_agg(u order by u.id) from users u) as users,
      (select count(*)::int from api_keys) as "apiKeys",
      (select json_agg(p order by p.id) from plans p) as plans,
      (select json_agg(p order by p.id) from products p) as products,
      (select count(*)::int from orders) as orders,
      (select json_agg(t order by t.id) from tiers t) as tiers,
      (select json_agg(s order by s.key) from settings s) as settings`;
  return row;
}
