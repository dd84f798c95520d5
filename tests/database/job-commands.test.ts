import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, expect, test } from "vitest";
import { db } from "#db/client.ts";
import { reloadConfig } from "#lib/config.ts";
import { enqueue, stopBoss } from "#lib/jobs/boss.ts";
import { migrateJobs } from "#lib/jobs/migrate.ts";
import { listJobs } from "#lib/jobs/views.ts";
import { tryJobAgain } from "#lib/notices/job-commands.ts";
import { tellGivenUp } from "#lib/notices/send.ts";
import { useDatabase } from "#tests/support/database.ts";
import { ada, prepareSettings } from "#tests/support/settings.ts";

const database = await useDatabase();
const { sql } = database;
await prepareSettings(database);
await migrateJobs(database.url);
reloadConfig({ LOG_LEVEL: "silent" });
afterAll(() => stopBoss());

beforeEach(() => sql`truncate pgboss.job, alerts, audit_entries`);

/** A job that failed until its patience ended, as pg-boss leaves it, with the alert about it. */
async function givenUp(kind: "retention" | "mail.send" = "retention"): Promise<string> {
  const mail = { template: "a", to: "a@example.com", data: {} };
  const jobId =
    (await (kind === "mail.send" ? enqueue(db(), kind, mail) : enqueue(db(), kind, {}))) ?? "";
  await sql`
    update pgboss.job set state = 'failed', retry_count = 6, completed_on = now(), started_on = now(),
      output = ${sql.json({ ended: "failed", reason: "The disk is full." })} where id = ${jobId}`;
  await tellGivenUp({ kind, jobId, attempts: 7, reason: "The disk is full." });
  return jobId;
}

const openAlerts = async () =>
  (await sql`select subject from alerts where cleared_at is null`).map(({ subject }) => subject);

test("lists what was given up with its reason, apart from what waits", async () => {
  const jobId = await givenUp();
  const waiting = await enqueue(db(), "partitions", {});

  const [failed, ...more] = await listJobs(ada, { only: "given_up" });

  expect(more).toEqual([]);
  expect(failed).toMatchObject({ id: jobId, status: "given_up", reason: "The disk is full." });
  expect((await listJobs(ada, { only: "waiting" })).map(({ id }) => id)).toEqual([waiting]);
  expect(await listJobs(ada, { only: "running" })).toEqual([]);
});

test("puts a job that was given up back into its queue, clears its alert and says who did", async () => {
  const jobId = await givenUp();

  await tryJobAgain(ada, { kind: "retention", jobId });

  expect(await listJobs(ada, { only: "given_up" })).toEqual([]);
  expect(await listJobs(ada, { only: "waiting" })).toMatchObject([
    { id: jobId, status: "retrying" },
  ]);
  expect(await openAlerts()).toEqual([]);
  const [deed] = await sql`select action, subject, actor_id from audit_entries`;
  expect(deed).toEqual({
    action: "job.try_again",
    subject: `retention ${jobId}`,
    actor_id: ada.userId,
  });
});

test("keeps the alert while another job of the kind is given up", async () => {
  const first = await givenUp("mail.send");
  await givenUp("mail.send");

  await tryJobAgain(ada, { kind: "mail.send", jobId: first });

  expect(await openAlerts()).toEqual(["mail.send"]);
});

test("clears the alert when two people put the last two back at once", async () => {
  const jobs = [await givenUp("mail.send"), await givenUp("mail.send")];

  await Promise.all(jobs.map((jobId) => tryJobAgain(ada, { kind: "mail.send", jobId })));

  expect(await openAlerts()).toEqual([]);
});

test("refuses a second time, and writes no deed", async () => {
  const jobId = await givenUp();
  await tryJobAgain(ada, { kind: "retention", jobId });

  await expect(tryJobAgain(ada, { kind: "retention", jobId })).rejects.toMatchObject({
    code: "conflict",
  });

  expect(await sql`select id from audit_entries`).toHaveLength(1);
});

test("refuses where the same waits already, and says so", async () => {
  const [first, second] = [await givenUp(), await givenUp()];
  await tryJobAgain(ada, { kind: "retention", jobId: first });

  await expect(tryJobAgain(ada, { kind: "retention", jobId: second })).rejects.toMatchObject({
    code: "conflict",
    message: "Another retention job waits already; it does the same.",
  });

  expect(await openAlerts()).toEqual(["retention"]);
  expect(await sql`select id from audit_entries`).toHaveLength(1);
});

test("lets one of two people who ask at once do it", async () => {
  const jobId = await givenUp();

  const asked = await Promise.allSettled([
    tryJobAgain(ada, { kind: "retention", jobId }),
    tryJobAgain(ada, { kind: "retention", jobId }),
  ]);

  expect(asked.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await sql`select id from audit_entries`).toHaveLength(1);
});

test.each([
  ["another kind", { kind: "partitions", jobId: randomUUID() }, "conflict"],
  ["a kind that there is not", { kind: "drop tables", jobId: randomUUID() }, "not_found"],
  ["no id", { kind: "retention", jobId: "1 or true" }, "not_found"],
])("refuses %s", async (_, input, code) => {
  await givenUp();

  await expect(tryJobAgain(ada, input)).rejects.toMatchObject({ code });
});
