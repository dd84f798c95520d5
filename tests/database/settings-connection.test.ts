import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { reloadConfig } from "#lib/config.ts";
import { seenOf } from "#lib/seen.ts";
import { removeApiKey, saveApiKey } from "#lib/settings/connection-commands.ts";
import { saveProductSettings } from "#lib/settings/product-commands.ts";
import {
  connectionOf,
  forgetSecrets,
  pauseConnection,
  pausedUntil,
  resumeConnection,
} from "#lib/settings/secrets.ts";
import { gatewayPage, productSettings, settingsShown } from "#lib/settings/views.ts";
import { useDatabase } from "#tests/support/database.ts";
import { ada, jobsOf, prepareSettings } from "#tests/support/settings.ts";
import { startStripeStub } from "#tests/support/stripe-stub.ts";

const database = await useDatabase();
const { sql } = database;
await prepareSettings(database);
const stripe = await startStripeStub({ account: "acct_one" });
const other = await startStripeStub({ account: "acct_two" });
afterAll(() => Promise.all([stripe.stop(), other.stop()]));

const KEY = "sk_test_51Habcdefghijk1234";

beforeEach(async () => {
  await sql`truncate gateway_connections, audit_entries, settings cascade`;
  await sql`delete from pgboss.job`;
  stripe.recover();
  reloadConfig({ STRIPE_SECRET_KEY: undefined, STRIPE_API_BASE: stripe.url });
  forgetSecrets();
});

const save = (more: { apiKey?: string; anotherAccount?: boolean; mode?: "test" | "live" } = {}) =>
  saveApiKey(ada, { gateway: "stripe", mode: "test", apiKey: KEY, ...more });

describe("an API key", () => {
  test("is checked with the gateway, sealed, and switches its mode to fetching", async () => {
    expect(await connectionOf("stripe", "test")).toBeUndefined();

    expect(await save({ apiKey: ` ${KEY}\n` })).toEqual({
      lastFour: "1234",
      accountRef: "acct_one",
    });

    const connection = { gateway: "stripe", mode: "test", apiKey: KEY, apiBase: stripe.url };
    expect(await connectionOf("stripe", "test")).toEqual(connection);
    expect(await connectionOf("stripe", "live")).toBeUndefined();
    const [row] = await sql`select c.*, c::text as words from gateway_connections c`;
    expect(row?.words).not.toContain(KEY.slice(8));
    expect(row?.api_key_sealed.includes(Buffer.from(KEY.slice(8)))).toBe(false);
    expect(await jobsOf(sql, "inbox.ring-all")).toEqual([{ gateway: "stripe", mode: "test" }]);
  });

  test("leaves an audit row with the account and without the key", async () => {
    await save();

    const [deed] = await sql`select action, before, after, t::text as words from audit_entries t`;

    expect(deed).toMatchObject({
      action: "gateway_key.save",
      before: { lastFour: null },
      after: { lastFour: "1234", accountRef: "acct_one" },
    });
    expect(deed?.words).not.toContain(KEY.slice(8));
  });

  test("of the same account replaces the one before without ringing everything again", async () => {
    await save();
    await sql`delete from pgboss.job`;

    await save({ apiKey: "rk_test_another12345678" });

    expect((await connectionOf("stripe", "test"))?.apiKey).toBe("rk_test_another12345678");
    expect(await jobsOf(sql, "inbox.ring-all")).toEqual([]);
  });

  test("of another account is kept only when a person says so", async () => {
    await save();
    reloadConfig({ STRIPE_API_BASE: other.url });
    const refusal = await save().catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: "conflict",
      fields: { anotherAccount: expect.stringContaining("acct_two") },
    });

    await save({ anotherAccount: true });

    const [row] = await sql`select account_ref from gateway_connections`;
    expect(row?.account_ref).toBe("acct_two");
    expect(await jobsOf(sql, "inbox.ring-all")).toHaveLength(1);
  });

  test("is compared with the account of one that was removed", async () => {
    await save();
    await removeApiKey(ada, { gateway: "stripe", mode: "test" });
    reloadConfig({ STRIPE_API_BASE: other.url });

    await expect(save()).rejects.toMatchObject({ code: "conflict" });
  });

  test.each([
    ["sk_live_51Habcdefghijk", /key for live mode/],
    ["pk_test_51Habcdefghijk", /publishable/],
    ["whsec_0123456789abcdef", /signing secret/],
  ])(
    "is refused when %s was pasted for test mode, and nothing is asked",
    async (apiKey, reason) => {
      const asked = stripe.requests.length;

      await expect(save({ apiKey })).rejects.toMatchObject({
        code: "invalid_input",
        message: expect.stringMatching(reason),
      });

      expect(stripe.requests.length).toBe(asked);
      expect(await sql`select 1 from gateway_connections`).toHaveLength(0);
    },
  );

  test("that the gateway does not know is not kept, and the one before stays", async () => {
    await save();
    stripe.fail(1, 401);

    const refused = save({ apiKey: "sk_test_revoked12345678" });

    await expect(refused).rejects.toMatchObject({ code: "gateway_refused" });
    expect((await connectionOf("stripe", "test", { fresh: true }))?.apiKey).toBe(KEY);
  });

  test("can be saved at a later time when the gateway is down", async () => {
    stripe.fail(1, 500);

    await expect(save()).rejects.toMatchObject({ code: "gateway_unavailable" });
  });

  test("is forgotten when it is removed: payload mode", async () => {
    await save();

    await removeApiKey(ada, { gateway: "stripe", mode: "test" });

    expect(await connectionOf("stripe", "test")).toBeUndefined();
    const [row] = await sql`select api_key_sealed from gateway_connections`;
    expect(row?.api_key_sealed).toBeNull();
    await expect(removeApiKey(ada, { gateway: "stripe", mode: "test" })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("the environment's API key", () => {
  const given = "sk_test_environment12345678";

  test("wins over a stored one of its mode, and the page says so", async () => {
    await save();
    reloadConfig({ STRIPE_SECRET_KEY: given });

    expect((await connectionOf("stripe", "test", { fresh: true }))?.apiKey).toBe(given);

    expect((await gatewayPage(ada, "stripe")).test.apiKey).toMatchObject({
      source: "environment",
      lastFour: "5678",
      overruledLastFour: "1234",
    });
  });

  test("says nothing about the other mode", async () => {
    reloadConfig({ STRIPE_SECRET_KEY: given });

    expect(await connectionOf("stripe", "live", { fresh: true })).toBeUndefined();
  });

  test("rings everything once when it first appears, and is not stored", async () => {
    reloadConfig({ STRIPE_SECRET_KEY: given });
    for (let i = 0; i < 3; i++) await connectionOf("stripe", "test", { fresh: true });

    expect(await jobsOf(sql, "inbox.ring-all")).toEqual([{ gateway: "stripe", mode: "test" }]);
    const [row] = await sql`select api_key_sealed, c::text as words from gateway_connections c`;
    expect(row?.api_key_sealed).toBeNull();
    expect(row?.words).not.toContain(given);
  });
});

describe("a paused connection", () => {
  const later = (seconds: number) => new Date(Date.now() + seconds * 1_000);

  test("says until when, and a shorter pause does not end a longer one", async () => {
    const until = later(60);
    await pauseConnection("stripe", "test", until, "Stripe answered 429.");
    await pauseConnection("stripe", "test", later(5), "Stripe answered 500.");

    expect(await pausedUntil("stripe", "test")).toEqual(until);
    expect(await pausedUntil("stripe", "live")).toBeUndefined();
  });

  test("may be called again when its time is over or it is resumed", async () => {
    await pauseConnection("stripe", "test", later(-1), "Over.");
    expect(await pausedUntil("stripe", "test")).toBeUndefined();
    await pauseConnection("stripe", "test", later(60), "Down.");

    await resumeConnection("stripe", "test");

    expect(await pausedUntil("stripe", "test")).toBeUndefined();
  });
});

describe("product settings", () => {
  const chosen = {
    productName: "Acme Cloud",
    publicUrl: "https://billing.example.com/",
    supportEmail: "help@example.com",
    graceDays: 3,
    monthsKept: 12,
    accentColour: "#3B5BDB",
    isPauseAllowed: true,
    upgradeTiming: "renewal" as const,
    downgradeTiming: "now" as const,
    isTimingFree: false,
    takesPromotionCodes: false,
    worksOutTax: true,
  };

  test("have defaults until somebody chooses, then what was chosen", async () => {
    reloadConfig({ BILLHOOK_URL: "https://tunnel.example" });
    expect(await productSettings()).toMatchObject({
      productName: "Billhook",
      publicUrl: "https://tunnel.example",
      publicUrlSource: "environment",
      graceDays: 7,
    });

    await saveProductSettings(ada, chosen);

    expect(await productSettings()).toEqual({
      ...chosen,
      publicUrl: "https://billing.example.com",
      accentColour: "#3b5bdb",
      publicUrlSource: "settings",
    });
    const page = await gatewayPage(ada, "stripe");
    expect(page.webhookUrl).toBe("https://billing.example.com/api/webhooks/stripe");
    expect(page.isLocal).toBe(false);
    reloadConfig({ BILLHOOK_URL: undefined });
    expect((await gatewayPage(ada, "stripe")).isLocal).toBe(false);
  });

  test("tell the audit log what changed, and nothing when nothing did", async () => {
    await saveProductSettings(ada, chosen);
    await saveProductSettings(ada, chosen);
    await saveProductSettings(ada, { ...chosen, graceDays: 5 });

    const deeds = await sql`select before, after from audit_entries order by id`;
    expect(deeds).toHaveLength(2);
    expect(deeds[1]).toEqual({ before: { graceDays: 3 }, after: { graceDays: 5 } });
  });

  test("that somebody else changed since they were opened are not saved over", async () => {
    await saveProductSettings(ada, chosen);
    const seen = seenOf(settingsShown(await productSettings()));
    await saveProductSettings(ada, { ...chosen, publicUrl: "", isPauseAllowed: false, seen });

    const saved = saveProductSettings(ada, { ...chosen, graceDays: 9, seen });

    await expect(saved).rejects.toMatchObject({
      code: "conflict",
      fields: {
        publicUrl: "It is empty now.",
        isPauseAllowed: "It is “not ticked” now.",
        graceDays: `It is “${chosen.graceDays}” now.`,
      },
    });
    expect((await productSettings()).graceDays).toBe(chosen.graceDays);
  });

  test("that two open at once are saved by one of them", async () => {
    const seen = seenOf(settingsShown(await productSettings()));

    const saved = await Promise.allSettled(
      [1, 2, 3].map((graceDays) => saveProductSettings(ada, { ...chosen, graceDays, seen })),
    );

    expect(saved.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("go back to the default when a field is emptied", async () => {
    await saveProductSettings(ada, chosen);
    await saveProductSettings(ada, { ...chosen, publicUrl: "", accentColour: " " });

    const settings = await productSettings();
    expect(settings.publicUrlSource).not.toBe("settings");
    expect(settings.accentColour).toBeNull();
  });

  test.each([
    [{ graceDays: 61 }, "graceDays"],
    [{ graceDays: -1 }, "graceDays"],
    [{ graceDays: Number.NaN }, "graceDays"],
    [{ graceDays: 1.5 }, "graceDays"],
    [{ productName: "" }, "productName"],
    [{ productName: "x".repeat(81) }, "productName"],
    [{ productName: "a\0b" }, "productName"],
    [{ publicUrl: "ftp://example.com" }, "publicUrl"],
    [{ publicUrl: "https://example.com/app" }, "publicUrl"],
    [{ publicUrl: "https://user:pass@example.com" }, "publicUrl"],
    [{ publicUrl: "javascript:alert(1)" }, "publicUrl"],
    [{ supportEmail: "nobody" }, "supportEmail"],
    [{ accentColour: "red" }, "accentColour"],
  ])("refuse %j", async (wrong, field) => {
    await expect(saveProductSettings(ada, { ...chosen, ...wrong })).rejects.toMatchObject({
      code: "invalid_input",
      fields: { [field]: expect.any(String) },
    });
    expect(await sql`select 1 from settings`).toHaveLength(0);
  });
});
