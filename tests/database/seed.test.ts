import { beforeEach, expect, test } from "vitest";
import { db } from "#db/client.ts";
import { seedDemo } from "#db/seed.ts";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { editTier } from "#lib/catalogue/commands.ts";
import { archivePlan } from "#lib/catalogue/plan-commands.ts";
import { catalogue, gatewayPriceList, planOfPrices } from "#lib/catalogue/views.ts";
import { hashPassword, isPassword } from "#lib/identity/passwords.ts";
import { passwordProblem } from "#lib/identity/rules.ts";
import { connectionOf, forgetSecrets, secretsOf } from "#lib/settings/secrets.ts";
import { useDatabase } from "#tests/support/database.ts";
import { ada, prepareSettings } from "#tests/support/settings.ts";

const database = await useDatabase();
const { sql } = database;
await prepareSettings(database);

beforeEach(async () => {
  await sql`truncate organizations, plans, gateway_prices, gateway_products, gateway_connections cascade`;
  await sql`delete from entitlements`;
  await sql`delete from tiers where not is_default`;
  await sql`delete from users where id <> 'usr_ada'`;
  forgetSecrets();
});

const seed = (newPasswords = false) => seedDemo({ hashPassword, newPasswords });

async function everything(): Promise<string> {
  const found = [];
  for (const table of [
    "tiers",
    "entitlements",
    "plans",
    "prices",
    "organizations",
    "users",
    "members",
    "gateway_prices",
    "gateway_products",
    "signing_secrets",
  ]) {
    const rows = await sql.unsafe(`select t::text as row from ${table} t order by 1`);
    found.push(...rows.map(({ row }) => row));
  }
  return found.join("\n");
}

test("the demo sells credits once, in two currencies, with a price of the gateway for each", async () => {
  await seed();
  await seed();

  const sold = await sql`
    select p.code, r.currency, g.lookup_key as "lookupKey" from products p
      join product_prices r on r.product_id = p.id
      join gateway_prices g on g.product_id = p.id and g.currency = r.currency
        and g.amount_minor = r.amount_minor
    order by r.currency`;
  expect(sold).toEqual([
    { code: "credits", currency: "EUR", lookupKey: "credits_once_eur" },
    { code: "credits", currency: "USD", lookupKey: "credits_once_usd" },
  ]);
});

test("the demo sells Pro and Business by the month and the year, over a Free tier with limits", async () => {
  const { organizations } = await seed();

  const { tiers, plans } = await catalogue();
  expect(tiers.map(({ code }) => code)).toEqual(["free", "pro", "business"]);
  expect(plans.map(({ code, prices }) => [code, prices.length])).toEqual([
    ["pro", 4],
    ["business", 4],
  ]);
  const acme = await entitlementsOf(organizations[0]?.id ?? "");
  expect(acme.tier.code).toBe("free");
  expect(acme.limits.projects).toBe(3);
  expect(acme.features).toMatchObject({ sso: false, priority_support: false });
});

test("every price of the demo's gateway is in its plan", async () => {
  await seed();

  const refs = ["price_demo_pro_monthly", "price_demo_business_yearly"];
  const mapped = await planOfPrices(db(), "stripe", "test", refs);
  expect(refs.map((ref) => mapped.get(ref)?.planCode)).toEqual(["pro", "business"]);
  const { rows } = await gatewayPriceList(ada, "test");
  expect(rows).toHaveLength(8);
  expect(rows.every(({ planName, productName }) => planName === productName)).toBe(true);
});

test("its administrator and its owner can sign in, and its secret verifies", async () => {
  const { administrator, owner, organizations, secret } = await seed();

  expect(organizations.map(({ slug }) => slug)).toEqual(["acme", "globex", "initech"]);
  for (const { email, password } of [administrator, owner]) {
    const [user] = await sql`select password_hash from users where email = ${email}`;
    expect(passwordProblem(password ?? "", email)).toBeUndefined();
    expect(await isPassword(password ?? "", user?.password_hash)).toBe(true);
  }
  const [role] = await sql`select u.email, o.slug, m.role from members m
    join users u on u.id = m.user_id join organizations o on o.id = m.organization_id`;
  expect(role).toEqual({ email: owner.email, slug: "acme", role: "owner" });
  expect(await secretsOf("stripe")).toMatchObject([{ mode: "test", secret }]);
});

test("seeding again changes nothing, not even what somebody edited", async () => {
  const first = await seed();
  const { tiers, plans } = await catalogue();
  const [free] = tiers;
  await editTier(ada, { tierId: free?.id ?? "", code: "free", name: "Starter", rank: 0 });
  await archivePlan(ada, { planId: plans[0]?.id ?? "" });
  await sql`update users set administrator_since = null where email = ${first.administrator.email}`;
  const before = await everything();

  const again = await seed();

  expect(await everything()).toBe(before);
  expect(again).toMatchObject({ secret: first.secret, organizations: first.organizations });
  expect(again.administrator).toEqual({ email: first.administrator.email, password: null });
});

test("new passwords are made when asked for, and end the sessions of the old ones", async () => {
  const first = await seed();
  await sql`insert into sessions (id, user_id, expires_at)
    select 'ses_' || id, id, now() + interval '1 day' from users where id <> 'usr_ada'`;

  const again = await seed(true);

  expect(again.owner.password).not.toBe(first.owner.password);
  const [user] = await sql`select password_hash from users where email = ${first.owner.email}`;
  expect(await isPassword(again.owner.password ?? "", user?.password_hash)).toBe(true);
  expect(await isPassword(first.owner.password ?? "", user?.password_hash)).toBe(false);
  expect(await sql`select 1 from sessions`).toHaveLength(0);
});

test("a secret that was retired is followed by a new one", async () => {
  const first = await seed();
  await sql`update signing_secrets set retire_at = now()`;

  const again = await seed();

  expect(again.secret).not.toBe(first.secret);
  expect(await secretsOf("stripe", { fresh: true })).toMatchObject([{ secret: again.secret }]);
});

test("puts the prices of a gateway that can be asked into the plans, and connects it", async () => {
  const prices = new Map([["pro_monthly", { ref: "price_9", productRef: "prod_9" }]]);
  const gateway = { apiBase: "http://127.0.0.1:12111", apiKey: "sk_test_demo0000000000", prices };

  await seedDemo({ hashPassword, gateway });
  await seedDemo({ hashPassword, gateway: { ...gateway, apiBase: "http://127.0.0.1:12112" } });

  const [price] = await sql`
    select p.code, g.lookup_key, g.amount_minor from gateway_prices g join plans p on p.id = g.plan_id
    where g.ref = 'price_9'`;
  expect(price).toEqual({ code: "pro", lookup_key: "pro_monthly", amount_minor: "2900" });
  expect(await connectionOf("stripe", "test", { fresh: true })).toMatchObject({
    apiBase: "http://127.0.0.1:12112",
    apiKey: gateway.apiKey,
  });
});
