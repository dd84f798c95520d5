import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "@playwright/test";
import { connect } from "#db/client.ts";
import { prepareDeployment, type RunningApp, startApp } from "../support/app.ts";
import { forgetCaller } from "../support/environment.ts";
import { startTestPostgres } from "../support/postgres.ts";
import { handOn, type Person, ROLES, type Seeded, type Who } from "./deployments.ts";
import { signIn } from "./people.ts";
import { playHistory, seed } from "./seed.ts";

/**
 * Once for all specs: the built app twice, empty and with data, and everybody signed in through the
 * form. Takes the run's PostgreSQL, or brings one where Playwright is called by itself.
 */
export default async function setUp(): Promise<() => Promise<void>> {
  const undo: (() => Promise<unknown>)[] = [];
  const tearDown = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const postgresUrl = process.env.TEST_POSTGRES_URL ?? (await ownPostgres(undo));
    process.env.TEST_POSTGRES_URL = postgresUrl;
    const empty = await prepareDeployment(postgresUrl);
    const full = await prepareDeployment(postgresUrl);
    undo.push(empty.remove, full.remove);
    const seeded = await seed(full.environment);
    forgetCaller();
    const apps = await Promise.allSettled([startApp(empty), startApp(full)]);
    const running = apps.flatMap((app): RunningApp[] =>
      app.status === "fulfilled" ? [app.value] : [],
    );
    undo.push(() => Promise.all(running.map((app) => app.stop())));
    for (const app of apps) if (app.status === "rejected") throw app.reason;

    const sql = connect(full.environment.DATABASE_URL ?? "", { max: 2, name: "browser tests" });
    const samples = await playHistory(sql, { url: full.url, secret: seeded.secret }, seeded);
    await sql.end();
    const folder = mkdtempSync(path.join(tmpdir(), "billhook-states-"));
    undo.push(async () => rmSync(folder, { recursive: true, force: true }));
    const states = await signEverybodyIn(full.url, seeded.people, folder);
    handOn({
      empty: { url: empty.url },
      seeded: { ...seeded, url: full.url, environment: full.environment, samples, states },
    });
    return tearDown;
  } catch (error) {
    await tearDown();
    throw error;
  }
}

async function ownPostgres(undo: (() => Promise<unknown>)[]): Promise<string> {
  const postgres = await startTestPostgres();
  undo.push(() => postgres.stop());
  return postgres.url;
}

async function signEverybodyIn(
  baseURL: string,
  people: Seeded["people"],
  folder: string,
): Promise<Record<Who, string>> {
  const browser = await chromium.launch(JSON.parse(process.env.TEST_CHROMIUM ?? "{}"));
  const enter = async (person: Person, file: string) => {
    const context = await browser.newContext({ baseURL });
    await signIn(await context.newPage(), person);
    await context.storageState({ path: file });
    await context.close();
    return file;
  };
  const fileOf = (who: Who) => path.join(folder, `${who.replace(" ", "-")}.json`);
  const states = {
    administrator: fileOf("administrator"),
    owner: fileOf("owner"),
    billing: fileOf("billing"),
    member: fileOf("member"),
    "other owner": fileOf("other owner"),
  };
  for (const who of ROLES) await enter(people[who], states[who]);
  await browser.close();
  return states;
}
