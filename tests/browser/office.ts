import { writeFileSync } from "node:fs";
import path from "node:path";
import { connect, type Sql } from "#db/client.ts";
import { prepareDeployment, startApp } from "../support/app.ts";
import { openSession } from "./asking.ts";
import type { Running, Who } from "./deployments.ts";
import { test as base } from "./fixtures.ts";
import { seed } from "./seed.ts";

/*
 * A deployment for those who change what everybody else relies on: what is sold, what the product is
 * called, who administers it. Each worker opens its own, once; the demo's data is in it, and no history.
 */

type Office = {
  office: Running;
  /** Its database, to prove what a page only claims. */
  sql: Sql;
};

export const test = base.extend<object, Office>({
  office: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what is needed from the pattern.
    async ({}, use) => {
      const { close, ...office } = await openOffice();
      await use(office);
      await close();
    },
    { scope: "worker", timeout: 90_000 },
  ],

  sql: [
    async ({ office }, use) => {
      const sql = connect(office.environment.DATABASE_URL ?? "", { max: 2, name: "office tests" });
      await use(sql);
      await sql.end();
    },
    { scope: "worker" },
  ],

  deployment: async ({ office }, use) => use(office),
});

/** Brings a deployment up with the demo's data, and signs its people in. */
export async function openOffice(
  changes: Readonly<Record<string, string>> = {},
): Promise<Running & { close(): Promise<void> }> {
  const prepared = await prepareDeployment(process.env.TEST_POSTGRES_URL ?? "");
  const environment = { ...prepared.environment, ...changes };
  try {
    const seeded = await seed(environment);
    const app = await startApp({ ...prepared, environment });
    const { url, dataDir } = prepared;
    const stateOf = async (who: Who) => {
      const file = path.join(dataDir, `${who.replace(" ", "-")}.json`);
      const cookie = await openSession(url, seeded.people[who]);
      writeFileSync(file, JSON.stringify(storageState(cookie)));
      return file;
    };
    const states = {
      administrator: await stateOf("administrator"),
      owner: await stateOf("owner"),
      billing: await stateOf("billing"),
      member: await stateOf("member"),
      "other owner": await stateOf("other owner"),
    };
    const close = async () => {
      await app.stop();
      await prepared.remove();
    };
    return { ...seeded, url, environment, states, close };
  } catch (error) {
    await prepared.remove();
    throw error;
  }
}

/** What Playwright keeps of a signed-in browser, from the one cookie that matters. */
export function storageState(cookie: string) {
  const split = cookie.indexOf("=");
  const common = { path: "/", expires: -1, httpOnly: true, secure: false, sameSite: "Lax" };
  const [name, value] = [cookie.slice(0, split), cookie.slice(split + 1)];
  return { cookies: [{ name, value, domain: "localhost", ...common }], origins: [] };
}
