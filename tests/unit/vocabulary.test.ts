import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { reloadConfig } from "#lib/config.ts";
import { hashToken, newId, newToken, timeOfId } from "#lib/ids.ts";
import { exponentOf, formatMoney, money } from "#lib/money.ts";
import { keyNameOf, type MasterKeys, seal, unseal } from "#lib/seal.ts";
import { addDays, earliest, fromUnixSeconds, sameInstant } from "#lib/time.ts";

const noon = new Date("2026-07-15T12:00:00.123Z");

describe("an id", () => {
  test("says what it is for", () => {
    expect(newId("org", noon)).toMatch(/^org_[0-9a-z]{26}$/);
  });

  test("tells when it was made, to the millisecond", () => {
    const moments = fc.date({
      min: new Date("1970-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59.999Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(moments, (moment) => {
        expect(timeOfId(newId("gev", moment))).toEqual(moment);
      }),
    );
  });

  test("sorts by its making", () => {
    const later = fc.tuple(fc.nat(4e12), fc.integer({ min: 1, max: 1e9 }));
    fc.assert(
      fc.property(later, ([time, more]) => {
        const first = newId("gev", new Date(time));
        const second = newId("gev", new Date(time + more));

        expect(first < second).toBe(true);
      }),
    );
  });

  test("is never made twice, not even within one millisecond", () => {
    const ids = Array.from({ length: 1_000 }, () => newId("gev", noon));

    expect(new Set(ids).size).toBe(1_000);
  });

  test.each([
    "sub_1MowQVLkdIwHu7ixeRlqHVzs",
    "org_",
    "organization_01j2x8v7k30123456789abcdef",
    "org_01j2x8v7k30123456789abcde",
    "org_01j2x8v7k30123456789abcdefg",
    "org_01j2x8v7k3012345678iloabcu",
    "ORG_01J2X8V7K30123456789ABCDEF",
    " org_01j2x8v7k30123456789abcdef",
    "",
  ])("of somebody else tells no time: %j", (foreign) => {
    expect(timeOfId(foreign)).toBeUndefined();
  });
});

describe("a token", () => {
  test("survives a URL and is kept only as its hash", () => {
    const token = newToken();

    expect(token).toMatch(/^[\w-]{32}$/);
    expect(newToken()).not.toBe(token);
    expect(hashToken(token)).toMatch(/^[0-9a-f]{64}$/);
    expect(hashToken(token)).toBe(hashToken(token));
  });
});

describe("money", () => {
  test.each([
    [2900, "EUR", 2, "€29.00"],
    [2900, "JPY", 0, "¥2,900"],
    [2900, "KWD", 3, "KWD 2.900"],
    [-1450, "USD", 2, "-$14.50"],
    [0, "EUR", 2, "€0.00"],
  ])("of %i in %s has %i decimal places: %s", (amountMinor, currency, exponent, written) => {
    expect(exponentOf(currency)).toBe(exponent);
    expect(formatMoney({ amountMinor, currency }).replaceAll("\u00a0", " ")).toBe(written);
  });

  test("is written as its reader's locale does", () => {
    const written = formatMoney({ amountMinor: 123_456, currency: "EUR" }, "de");

    expect(written.replaceAll("\u00a0", " ")).toBe("1.234,56 €");
  });

  test("has its currency in capitals, however a gateway writes it", () => {
    expect(money(2900, "eur")).toEqual({ amountMinor: 2900, currency: "EUR" });
    expect(exponentOf("jpy")).toBe(0);
  });

  test.each([29.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN, Number.POSITIVE_INFINITY])(
    "of %d is refused: nothing could hold it exactly",
    (amount) => {
      expect(() => money(amount, "EUR")).toThrow(`${amount} is not a whole number of minor units.`);
    },
  );

  test.each(["", "EU", "EURO", "€", "E1R", "eur "])("in %j is refused", (currency) => {
    expect(() => money(1, currency)).toThrow(`"${currency}" is not a three-letter currency code.`);
  });
});

describe("time", () => {
  test("comes from gateways in seconds", () => {
    expect(fromUnixSeconds(0)).toEqual(new Date("1970-01-01T00:00:00Z"));
    expect(fromUnixSeconds(253_402_300_799)).toEqual(new Date("9999-12-31T23:59:59Z"));
  });

  test.each([-1, 253_402_300_800, Number.NaN, Number.POSITIVE_INFINITY, "1700000000", null, {}])(
    "is nothing where a gateway says %j",
    (said) => {
      expect(fromUnixSeconds(said)).toBeNull();
    },
  );

  test("moves on by days of 24 hours", () => {
    expect(addDays(noon, 7)).toEqual(new Date("2026-07-22T12:00:00.123Z"));
    expect(addDays(noon, -0.5)).toEqual(new Date("2026-07-15T00:00:00.123Z"));
  });

  test("that is missing is never the earliest", () => {
    const before = addDays(noon, -1);

    expect(earliest(null, noon, undefined, before)).toBe(before);
    expect(earliest(null, undefined)).toBeNull();
  });

  test("is the same for two values of one instant, and for two that are missing", () => {
    expect(sameInstant(noon, new Date(noon))).toBe(true);
    expect(sameInstant(null, null)).toBe(true);
    expect(sameInstant(noon, null)).toBe(false);
    expect(sameInstant(noon, addDays(noon, 1))).toBe(false);
  });
});

describe("a sealed secret", () => {
  const k1 = ["k1", randomBytes(32)] as const;
  const k2 = ["k2", randomBytes(32)] as const;
  const keys = (...all: (readonly [string, Buffer])[]): MasterKeys => new Map(all);
  const here = "signing_secrets.secret:sec_1";
  const sealed = seal(keys(k1), "whsec_geheim ✓", here);
  const damaged = `A sealed value (${here}) does not open: it is damaged.`;

  test("opens where it was sealed, and is nowhere to be read in what is kept", () => {
    expect(unseal(keys(k1), sealed, here)).toBe("whsec_geheim ✓");
    expect(sealed.includes("whsec")).toBe(false);
  });

  test("is sealed differently each time", () => {
    expect(seal(keys(k1), "whsec_geheim ✓", here).equals(sealed)).toBe(false);
  });

  test.each(["signing_secrets.secret:sec_2", "gateway_connections.api_key:sec_1", ""])(
    "does not open in another place: %j",
    (elsewhere) => {
      expect(() => unseal(keys(k1), sealed, elsewhere)).toThrow("does not open: it is damaged.");
    },
  );

  test("does not open with another key of the same name", () => {
    expect(() => unseal(keys(["k1", randomBytes(32)]), sealed, here)).toThrow(damaged);
  });

  test("does not open without its key, and names the key", () => {
    expect(() => unseal(keys(k2), sealed, here)).toThrow(
      'Master key "k1" is needed and is not in the environment.',
    );
  });

  test("does not open when any of its bytes is damaged", () => {
    for (const at of sealed.keys()) {
      const bytes = Buffer.from(sealed);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);

      expect(() => unseal(keys(k1), bytes, here), `byte ${at}`).toThrow(
        expect.objectContaining({ code: "not_configured" }),
      );
    }
  });

  test("does not open when it is cut short anywhere", () => {
    for (const length of sealed.keys()) {
      expect(() => unseal(keys(k1), sealed.subarray(0, length), here), `${length} bytes`).toThrow(
        expect.objectContaining({ code: "not_configured" }),
      );
    }
  });

  test("still opens after a newer key is put before its own", () => {
    expect(unseal(keys(k2, k1), sealed, here)).toBe("whsec_geheim ✓");
  });

  test("is sealed with the newest key, and says with which", () => {
    const resealed = seal(keys(k2, k1), "whsec_geheim ✓", here);

    expect(keyNameOf(sealed)).toBe("k1");
    expect(keyNameOf(resealed)).toBe("k2");
    expect(unseal(keys(k2), resealed, here)).toBe("whsec_geheim ✓");
  });

  test("is never made without a key", () => {
    expect(() => seal(keys(), "whsec_geheim", here)).toThrow(
      "No master key is set, so nothing can be sealed.",
    );
  });
});

describe("the environment", () => {
  const key = (fill: number) => Buffer.alloc(32, fill).toString("base64");
  const set = new Set<string>();

  /** The configuration of a process that was started with these variables. */
  function started(variables: Record<string, string>) {
    for (const name of Object.keys(variables)) set.add(name);
    return reloadConfig(variables);
  }

  afterEach(() => {
    reloadConfig(Object.fromEntries([...set].map((name) => [name, undefined])));
    set.clear();
  });

  test("may be empty", () => {
    expect(started({})).toMatchObject({
      production: false,
      role: "all",
      host: "127.0.0.1",
      port: 3000,
      mode: "test",
      modeIsExplicit: false,
      databaseUrl: undefined,
      publicUrl: undefined,
      masterKeys: new Map(),
      dataDir: ".data",
      trustProxy: false,
    });
  });

  test.each([
    "ROLE",
    "HOST",
    "PORT",
    "BILLHOOK_URL",
    "BILLHOOK_MODE",
    "BILLHOOK_MASTER_KEYS",
    "BILLHOOK_DATA_DIR",
    "BILLHOOK_DEMO",
    "TRUST_PROXY",
    "MAIL_FROM",
    "LOG_LEVEL",
    "WORKER_CONCURRENCY",
    "POOL_SIZE",
    "STRIPE_SECRET_KEY",
    "DATABASE_URL",
  ])("has no %s where it is set to nothing", (name) => {
    const nothing = reloadConfig();

    expect(started({ [name]: "" })).toEqual(nothing);
    expect(started({ [name]: "  " })).toEqual(nothing);
  });

  test.each([
    ["ROLE", "wep", /^The environment is not usable\. ROLE: .*"web"/],
    ["PORT", "http", /^The environment is not usable\. PORT: /],
    ["PORT", "70000", /PORT: .*65535/],
    ["BILLHOOK_MODE", "production", /BILLHOOK_MODE: .*"test"\|"live"/],
    ["WORKER_CONCURRENCY", "0", /WORKER_CONCURRENCY: /],
    ["LOG_LEVEL", "loud", /LOG_LEVEL: .*"debug"/],
    ["BILLHOOK_URL", "billing.example.com", /^BILLHOOK_URL must be a http\(s\) address, but is "/],
    ["BILLHOOK_URL", "ftp://billing.example.com", /^BILLHOOK_URL must be a http\(s\) address/],
    ["BILLHOOK_MASTER_KEYS", "geheim", /^BILLHOOK_MASTER_KEYS must be "name:base64" pairs/],
    ["BILLHOOK_MASTER_KEYS", "k1:c2hvcnQ=", /32 bytes each .*openssl rand -base64 32/],
    ["BILLHOOK_MASTER_KEYS", `Key 1:${key(1)}`, /must be "name:base64" pairs/],
    ["BILLHOOK_MASTER_KEYS", `k1:${key(1)},k1:${key(2)}`, /names "k1" twice\.$/],
  ])("with %s=%s is refused with a sentence", (name, value, sentence) => {
    expect(() => started({ [name]: value })).toThrow(
      expect.objectContaining({
        code: "not_configured",
        message: expect.stringMatching(sentence),
      }),
    );
  });

  test("names every variable that is wrong at once", () => {
    expect(() => started({ ROLE: "wep", PORT: "http" })).toThrow(/ROLE: .*; PORT: /);
  });

  test("gives master keys in the order of their age, newest first", () => {
    const { masterKeys } = started({ BILLHOOK_MASTER_KEYS: `k2:${key(2)}, k1:${key(1)}` });

    expect([...masterKeys]).toEqual([
      ["k2", Buffer.alloc(32, 2)],
      ["k1", Buffer.alloc(32, 1)],
    ]);
  });

  test("gives the public address without its last slash", () => {
    expect(started({ BILLHOOK_URL: "https://billing.example.com/" }).publicUrl).toBe(
      "https://billing.example.com",
    );
  });

  test.each([
    ["sk_test_1", undefined, "test", true],
    ["sk_live_1", undefined, "live", true],
    ["rk_live_1", undefined, "live", true],
    ["pk_live_1", undefined, "test", false],
    ["sk_live_1", "test", "test", true],
    ["sk_live_1", "", "live", true],
    [undefined, "live", "live", true],
  ])("with the key %s and the mode %s runs in mode %s", (stripeKey, said, mode, modeIsExplicit) => {
    const configured = started({
      ...(stripeKey === undefined ? {} : { STRIPE_SECRET_KEY: stripeKey }),
      ...(said === undefined ? {} : { BILLHOOK_MODE: said }),
    });

    expect(configured).toMatchObject({ mode, modeIsExplicit });
  });
});
