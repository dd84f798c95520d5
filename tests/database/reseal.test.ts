import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { db } from "#db/client.ts";
import { config, reloadConfig } from "#lib/config.ts";
import { mailLink } from "#lib/identity/mail.ts";
import { keyNameOf, seal } from "#lib/seal.ts";
import { lastFourOf, openLink, sealFor } from "#lib/sealing.ts";
import { addSecret } from "#lib/settings/commands.ts";
import { resealAll } from "#lib/settings/reseal-commands.ts";
import { connectionOf, forgetSecrets, secretsOf } from "#lib/settings/secrets.ts";
import { useDatabase } from "#tests/support/database.ts";
import { ada, newSecret, prepareSettings } from "#tests/support/settings.ts";

const database = await useDatabase();
const { sql } = database;
await prepareSettings(database);

const k1 = `k1:${randomBytes(32).toString("base64")}`;
const k2 = `k2:${randomBytes(32).toString("base64")}`;
const apiKey = `sk_test_${"a1".repeat(12)}`;
const operator = {
  kind: "operator" as const,
  label: "command line",
  origin: { ip: null, userAgent: null },
};

let signing = "";

beforeEach(async () => {
  await sql`truncate gateway_connections, audit_entries cascade`;
  await sql`delete from pgboss.job`;
  withKeys(k1);
  signing = newSecret();
  await addSecret(ada, { gateway: "stripe", mode: "test", secret: signing, label: "Endpoint" });
  const [connection] = await sql<{ id: string }[]>`select id from gateway_connections`;
  const sealed = sealFor("gateway_connections.api_key", connection?.id ?? "", apiKey);
  await sql`update gateway_connections
    set api_key_sealed = ${sealed}, api_key_last_four = ${lastFourOf(apiKey)}`;
  await mailAnInvitation();
});

function withKeys(...keys: string[]): void {
  reloadConfig({ BILLHOOK_MASTER_KEYS: keys.join(",") });
  forgetSecrets();
}

async function mailAnInvitation(): Promise<void> {
  const mail = { template: "invitation" as const, to: "bo@example.com", path: "/invitation/tok" };
  await db().transaction((tx) => mailLink(tx, { ...mail, data: {} }));
}

async function linkOfJob(): Promise<string> {
  const [job] = await sql<{ link: string }[]>`
    select data ->> 'sealedLink' as link from pgboss.job where data ? 'sealedLink'`;
  return job?.link ?? "";
}

/** What every table says of itself: sealed again, current, lost. */
async function counts(): Promise<Record<string, number[]>> {
  const { tables } = await resealAll(operator);
  return Object.fromEntries(
    tables.map(({ table, resealed, current, lost }) => [table, [resealed, current, lost.length]]),
  );
}

describe("after a new master key was put first", () => {
  test("everything is sealed with it, so that the old one can go", async () => {
    withKeys(k2, k1);

    expect(await counts()).toEqual({
      signing_secrets: [1, 0, 0],
      gateway_connections: [1, 0, 0],
      "pgboss.job": [1, 0, 0],
    });

    withKeys(k2);
    expect((await secretsOf("stripe")).map(({ secret }) => secret)).toEqual([signing]);
    expect(await connectionOf("stripe", "test")).toMatchObject({ apiKey });
    expect(openLink(await linkOfJob())).toBe("/invitation/tok");
  });

  test("a second run writes nothing, and a first one leaves its trace once", async () => {
    withKeys(k2, k1);
    await resealAll(operator);
    const before = await sql`select sealed from signing_secrets`;

    expect(await counts()).toEqual({
      signing_secrets: [0, 1, 0],
      gateway_connections: [0, 1, 0],
      "pgboss.job": [0, 1, 0],
    });

    expect(await sql`select sealed from signing_secrets`).toEqual(before);
    expect(
      await sql`select action, subject, actor_kind from audit_entries
      where action = 'secrets.reseal'`,
    ).toEqual([{ action: "secrets.reseal", subject: "k2", actor_kind: "command_line" }]);
  });

  test("more values than one batch are all sealed again", async () => {
    const [connection] = await sql<{ id: string }[]>`select id from gateway_connections`;
    for (let n = 0; n < 230; n++) {
      const id = `sec_many${String(n).padStart(3, "0")}`;
      await sql`insert into signing_secrets ${sql({
        id,
        connection_id: connection?.id ?? "",
        label: id,
        source: "stored",
        sealed: sealFor("signing_secrets.secret", id, newSecret()),
        last_four: "0000",
        fingerprint: id,
      })}`;
    }
    withKeys(k2, k1);

    expect((await counts()).signing_secrets).toEqual([231, 0, 0]);

    const rows = await sql<{ sealed: Buffer }[]>`select sealed from signing_secrets`;
    expect(new Set(rows.map(({ sealed }) => keyNameOf(sealed)))).toEqual(new Set(["k2"]));
  });

  test("a value that is replaced meanwhile stays the new one", async () => {
    withKeys(k2, k1);
    const [row] = await sql<{ id: string }[]>`select id from signing_secrets`;
    const id = row?.id ?? "";
    const replaced = sealFor("signing_secrets.secret", id, "whsec_replaced");
    let running: ReturnType<typeof resealAll> | undefined;

    await sql.begin(async (tx) => {
      await tx`update signing_secrets set sealed = ${replaced} where id = ${id}`;
      running = resealAll(operator);
      await new Promise((done) => setTimeout(done, 100));
    });
    await running;

    expect((await secretsOf("stripe", { fresh: true })).map(({ secret }) => secret)).toEqual([
      "whsec_replaced",
    ]);
  });

  test("a mail that was sent needs no key", async () => {
    await sql`update pgboss.job set state = 'completed'`;
    withKeys(k2);

    expect((await counts())["pgboss.job"]).toEqual([0, 0, 0]);
  });
});

describe("npm run reseal", () => {
  /** Runs the command as an operator would, with this process's environment. */
  function command(): Promise<{ code: number; out: string; err: string }> {
    const script = path.resolve(import.meta.dirname, "../../scripts/reseal.ts");
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [script], (_, out, err) =>
        resolve({ code: child.exitCode ?? -1, out, err }),
      );
    });
  }

  test("says how many of which table", async () => {
    withKeys(k2, k1);

    const { code, out, err } = await command();

    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain('signing_secrets: 1 sealed again with "k2", 0 had it already, 0 lost');
    expect(out).toContain('gateway_connections: 1 sealed again with "k2"');
    expect(out).toContain('pgboss.job: 1 sealed again with "k2"');
  });

  test("names what no key opens, goes on with the rest, fails, and tells no secret", async () => {
    const [secret] = await sql<{ id: string }[]>`select id from signing_secrets`;
    const lostId = secret?.id ?? "";
    const lostKey = new Map([["k0", randomBytes(32)]]);
    const sealed = seal(lostKey, signing, `signing_secrets.secret:${lostId}`);
    await sql`update signing_secrets set sealed = ${sealed} where id = ${lostId}`;
    const [connection] = await sql<{ id: string }[]>`
      insert into gateway_connections (id, gateway, mode, api_key_sealed)
      values ('con_0plain', 'stripe', 'live', ${Buffer.from(apiKey.repeat(4))}) returning id`;
    withKeys(k2, k1);

    const { code, out, err } = await command();

    expect(code).toBe(1);
    expect(err).toContain(`signing_secrets ${lostId}: Master key "k0" is needed`);
    expect(err).toContain(`gateway_connections ${connection?.id}: A sealed value`);
    expect(out).toContain(
      'gateway_connections: 1 sealed again with "k2", 0 had it already, 1 lost',
    );
    expect(out).toContain('pgboss.job: 1 sealed again with "k2"');
    for (const hidden of [signing, apiKey, "/invitation/tok", k1.slice(3), k2.slice(3)]) {
      expect(out + err).not.toContain(hidden);
    }
  });

  test("asks for a master key where there is none", async () => {
    withKeys();
    expect(config().masterKeys.size).toBe(0);

    const { code, err } = await command();

    expect(code).toBe(1);
    expect(err).toBe("BILLHOOK_MASTER_KEYS is not set.\n");
  });
});
