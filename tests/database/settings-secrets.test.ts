import { beforeEach, describe, expect, test } from "vitest";
import { reloadConfig } from "#lib/config.ts";
import { addSecret, relabelSecret, restoreSecret, retireSecret } from "#lib/settings/commands.ts";
import { forgetSecrets, noteVerified, secretsOf } from "#lib/settings/secrets.ts";
import { gatewayPage } from "#lib/settings/views.ts";
import { useDatabase } from "#tests/support/database.ts";
import { ada, jobsOf, newSecret, prepareSettings } from "#tests/support/settings.ts";

const database = await useDatabase();
const { sql } = database;
await prepareSettings(database);

const NO_KEYS = {
  STRIPE_SECRET_KEY: undefined,
  STRIPE_WEBHOOK_SECRET: undefined,
  BILLHOOK_MODE: undefined,
};

beforeEach(async () => {
  await sql`truncate gateway_connections, audit_entries cascade`;
  await sql`delete from pgboss.job`;
  reloadConfig(NO_KEYS);
  forgetSecrets();
});

const add = (mode: "test" | "live" = "test", secret = newSecret(), label = "Endpoint") =>
  addSecret(ada, { gateway: "stripe", mode, secret, label });
const active = async () => (await secretsOf("stripe")).map(({ secret }) => secret);

describe("a stored signing secret", () => {
  test("is nowhere in the database as it was pasted, not even in the audit log or a job", async () => {
    const secret = newSecret();

    await add("test", `  ${secret}\n`);

    for (const { table } of await tables()) {
      const rows = await sql.unsafe(`select convert_to(t::text, 'UTF8') as bytes from ${table} t`);
      for (const { bytes } of rows) expect(bytes.includes(secret.slice(6))).toBe(false);
    }
    const [row] = await sql`select sealed, last_four from signing_secrets`;
    expect(row?.sealed.includes(Buffer.from(secret.slice(6)))).toBe(false);
    expect(row?.last_four).toBe(secret.slice(-4));
    expect(await active()).toEqual([secret]);
  });

  test("verifies beside the others, of both modes", async () => {
    const secrets = [newSecret(), newSecret(), newSecret()];
    await add("test", secrets[0]);
    await add("test", secrets[1]);
    await add("live", secrets[2]);

    const opened = await secretsOf("stripe", { fresh: true });

    expect(opened.map(({ secret }) => secret)).toEqual(secrets);
    expect(opened.map(({ mode }) => mode)).toEqual(["test", "test", "live"]);
  });

  test("does not open in another row", async () => {
    const one = await add();
    const two = await add("live");
    await sql`update signing_secrets set sealed =
      (select sealed from signing_secrets where id = ${one.id}) where id = ${two.id}`;

    expect((await secretsOf("stripe", { fresh: true })).map(({ id }) => id)).toEqual([one.id]);
  });

  test("is told as lost where its master key is gone, and leaves others working", async () => {
    const key = process.env.BILLHOOK_MASTER_KEYS;
    await add();
    reloadConfig({ BILLHOOK_MASTER_KEYS: `k2:${Buffer.alloc(32, 7).toString("base64")}` });
    await expect(secretsOf("stripe", { fresh: true })).rejects.toMatchObject({
      code: "not_configured",
    });
    const other = newSecret();
    await add("live", other);

    expect(await active()).toEqual([other]);
    expect((await gatewayPage(ada, "stripe")).test.secrets[0]?.status).toBe("lost");
    reloadConfig({ BILLHOOK_MASTER_KEYS: key });
  });

  test("has refused requests verified again, from the same transaction", async () => {
    await add();

    expect(await jobsOf(sql, "inbox.verify-again")).toEqual([{ gateway: "stripe" }]);
  });

  test("leaves an audit row that names it by its last four characters", async () => {
    const secret = newSecret();
    const { id } = await add("live", secret, "Shop");

    const [deed] = await sql`select * from audit_entries`;

    expect(deed).toMatchObject({ action: "signing_secret.add", subject: id, actor_id: "usr_ada" });
    expect(deed?.after).toEqual({
      gateway: "stripe",
      mode: "live",
      label: "Shop",
      lastFour: secret.slice(-4),
    });
  });

  test("is refused twice, also under the other mode", async () => {
    const secret = newSecret();
    await add("test", secret);

    await expect(add("test", secret)).rejects.toMatchObject({ code: "conflict" });
    await expect(add("live", secret)).rejects.toThrow(/in use for test mode/);
  });

  test.each([
    ["sk_test_51Habcdefghijk", /secret API key/],
    ["pk_live_51Habcdefghijk", /publishable/],
    ["we_1abcdefgh", /id of a webhook endpoint/],
    ["hello", /nothing that Stripe hands out/],
    ["", /Nothing was pasted/],
  ])("is refused when %j was pasted instead, without repeating it", async (pasted, reason) => {
    const refusal = await add("test", pasted).catch((error: unknown) => error);

    expect(refusal).toMatchObject({
      code: "invalid_input",
      message: expect.stringMatching(reason),
    });
    if (pasted) expect(JSON.stringify(refusal)).not.toContain(pasted);
    expect(await sql`select 1 from signing_secrets`).toHaveLength(0);
  });

  test("cannot be added beyond what one request may be tried against", async () => {
    for (let i = 0; i < 8; i++) await add();

    await expect(add()).rejects.toThrow(/Retire one first/);
  });
});

describe("a retired secret", () => {
  test("stops verifying within a second, also in a process that still remembers it", async () => {
    const { id } = await add();
    expect(await active()).toHaveLength(1);
    await sql`update signing_secrets set retire_at = now() where id = ${id}`;
    const retiredAt = performance.now();

    while ((await active()).length > 0) await new Promise((done) => setTimeout(done, 20));

    expect(performance.now() - retiredAt).toBeLessThan(1_100);
  });

  test("stops at once in the process that retired it", async () => {
    const { id } = await add();
    await active();

    await retireSecret(ada, { secretId: id });

    expect(await active()).toEqual([]);
  });

  test("verifies until its date", async () => {
    const { id } = await add();
    await retireSecret(ada, { secretId: id, at: new Date(Date.now() + 700) });
    expect(await active()).toHaveLength(1);
    expect((await gatewayPage(ada, "stripe")).test.secrets[0]?.status).toBe("retiring");

    await new Promise((done) => setTimeout(done, 900));

    expect(await secretsOf("stripe", { fresh: true })).toEqual([]);
  });

  test("cannot be retired into the past or twice", async () => {
    const { id } = await add();
    const past = { secretId: id, at: new Date(Date.now() - 1_000) };
    await expect(retireSecret(ada, past)).rejects.toMatchObject({ code: "invalid_input" });
    await retireSecret(ada, { secretId: id });

    await expect(retireSecret(ada, { secretId: id })).rejects.toMatchObject({ code: "conflict" });
  });

  test("comes back when it is restored or pasted again, and then makes one row", async () => {
    const secret = newSecret();
    const { id } = await add("test", secret);
    await retireSecret(ada, { secretId: id });
    await restoreSecret(ada, { secretId: id });
    expect(await active()).toEqual([secret]);
    await retireSecret(ada, { secretId: id });

    expect((await add("test", secret)).id).toBe(id);

    expect(await active()).toEqual([secret]);
    expect(await sql`select 1 from signing_secrets`).toHaveLength(1);
  });

  test("does not come back while the same secret is in use for the other mode", async () => {
    const secret = newSecret();
    const { id } = await add("test", secret);
    await retireSecret(ada, { secretId: id });
    await add("live", secret);

    await expect(restoreSecret(ada, { secretId: id })).rejects.toMatchObject({ code: "conflict" });
  });

  test.each(["sec_unknown", "", "\0", "x".repeat(5_000)])(
    "is not found under an id like %j",
    async (secretId) => {
      const asked = retireSecret(ada, { secretId });
      await expect(asked).rejects.toMatchObject({ code: "not_found" });
    },
  );
});

describe("the environment's secret", () => {
  test("verifies, has a row to count on, and is never stored", async () => {
    const secret = newSecret();
    reloadConfig({ STRIPE_WEBHOOK_SECRET: secret });

    const [opened] = await secretsOf("stripe", { fresh: true });

    expect(opened).toMatchObject({ mode: "test", secret });
    const [row] = await sql`select * from signing_secrets`;
    expect(row).toMatchObject({ id: opened?.id, source: "environment", sealed: null });
    await noteVerified(new Map([[opened?.id ?? "", 3]]));
    const [shown] = (await gatewayPage(ada, "stripe")).test.secrets;
    expect(shown).toMatchObject({ verifiedCount: 3, status: "active", source: "environment" });
  });

  test.each([
    [{ STRIPE_SECRET_KEY: "sk_live_12345678abc", BILLHOOK_MODE: "test" }, "live"],
    [{ STRIPE_SECRET_KEY: "rk_test_12345678abc", BILLHOOK_MODE: "live" }, "test"],
    [{ BILLHOOK_MODE: "live" }, "live"],
    [{}, "test"],
  ])("takes the mode of the key, else of the deployment: %j is %s", async (variables, mode) => {
    reloadConfig({ ...variables, STRIPE_WEBHOOK_SECRET: newSecret() });

    expect((await secretsOf("stripe", { fresh: true })).map((each) => each.mode)).toEqual([mode]);
  });

  test("keeps one row, whoever asks how often", async () => {
    reloadConfig({ STRIPE_WEBHOOK_SECRET: newSecret() });
    await Promise.all(Array.from({ length: 8 }, () => secretsOf("stripe", { fresh: true })));
    forgetSecrets();

    await secretsOf("stripe");

    expect(await sql`select 1 from signing_secrets`).toHaveLength(1);
  });

  test("is not in use any more once the variable is gone, which the page says", async () => {
    reloadConfig({ STRIPE_WEBHOOK_SECRET: newSecret() });
    await secretsOf("stripe", { fresh: true });
    reloadConfig(NO_KEYS);

    expect(await secretsOf("stripe", { fresh: true })).toEqual([]);
    expect((await gatewayPage(ada, "stripe")).test.secrets[0]?.status).toBe("absent");
  });

  test("is retired where it is, not on the page", async () => {
    reloadConfig({ STRIPE_WEBHOOK_SECRET: newSecret() });
    const [opened] = await secretsOf("stripe", { fresh: true });

    await expect(retireSecret(ada, { secretId: opened?.id ?? "" })).rejects.toThrow(
      /comes from the environment/,
    );
  });

  test("becomes a stored one when it is pasted, and counts on in its row", async () => {
    const secret = newSecret();
    reloadConfig({ STRIPE_WEBHOOK_SECRET: secret });
    const [opened] = await secretsOf("stripe", { fresh: true });
    expect((await add("test", secret)).id).toBe(opened?.id);
    reloadConfig(NO_KEYS);

    expect(await secretsOf("stripe", { fresh: true })).toMatchObject([{ id: opened?.id, secret }]);
  });

  test("that cannot be one says so, on the page too", async () => {
    reloadConfig({ STRIPE_WEBHOOK_SECRET: "sk_test_wrong_kind" });

    await expect(secretsOf("stripe", { fresh: true })).rejects.toMatchObject({
      code: "not_configured",
      message: expect.stringContaining("STRIPE_WEBHOOK_SECRET"),
    });
    const page = await gatewayPage(ada, "stripe");
    expect(page.environmentProblem).toMatch(/STRIPE_WEBHOOK_SECRET/);
    expect(page.environmentProblem).not.toContain("wrong_kind");
  });
});

test("a secret's name can be changed, and only a change is told", async () => {
  const { id } = await add();
  await relabelSecret(ada, { secretId: id, label: "Endpoint" });
  await relabelSecret(ada, { secretId: id, label: "Shop" });

  const deeds = await sql`select action, before, after from audit_entries order by id`;
  expect(deeds.slice(1)).toMatchObject([
    { before: { label: "Endpoint" }, after: { label: "Shop" } },
  ]);
  await expect(relabelSecret(ada, { secretId: id, label: "\0" })).rejects.toMatchObject({
    code: "invalid_input",
  });
});

test("an unknown gateway has no secrets to add to", async () => {
  const asked = addSecret(ada, { gateway: "nope", mode: "test", secret: newSecret() });
  await expect(asked).rejects.toMatchObject({ code: "not_found" });
});

async function tables() {
  return sql<{ table: string }[]>`
    select format('%I.%I', table_schema, table_name) as "table" from information_schema.tables
    where table_schema in ('public', 'pgboss') and table_type = 'BASE TABLE'`;
}
