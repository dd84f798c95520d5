import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { db } from "#db/client.ts";
import type { Administrator, Member } from "#lib/actor.ts";
import { reloadConfig } from "#lib/config.ts";
import { startBoss, stopBoss } from "#lib/jobs/boss.ts";
import { listJobs } from "#lib/jobs/views.ts";
import { work } from "#lib/jobs/work.ts";
import { dismissAlert, sendNoticeAgain } from "#lib/notices/commands.ts";
import { listMailbox } from "#lib/notices/mailbox.ts";
import { sendMail, sendNotice, tellGivenUp } from "#lib/notices/send.ts";
import {
  claimNotice,
  clearAlert,
  noteNotice,
  queueForgotten,
  raiseAlert,
} from "#lib/notices/store.ts";
import { noticesOf, openAlerts } from "#lib/notices/views.ts";
import { useDatabase } from "#tests/support/database.ts";

const { sql } = await useDatabase();
const dataDir = mkdtempSync(path.join(tmpdir(), "billhook-mail-"));
reloadConfig({ LOG_LEVEL: "silent", BILLHOOK_DATA_DIR: dataDir });
const closers: (() => void)[] = [];

const origin = { ip: null, userAgent: null };
const ada: Administrator = {
  kind: "administrator",
  userId: "usr_ada",
  label: "ada@x.test",
  origin,
};

await sql`insert into users (id, email, name) values
  ('usr_ada', 'ada@x.test', 'Ada'), ('usr_own', 'owner@acme.test', 'Olga'),
  ('usr_bil', 'billing@acme.test', 'Bill'), ('usr_mem', 'member@acme.test', 'Mel')`;
await sql`insert into tiers (id, code, name, rank, is_default)
  values ('tir_test', 'base', 'Base', -1, not exists (select 1 from tiers where is_default))`;
await sql`insert into organizations (id, name, slug, tier_id, billing_email) values
  ('org_acme', 'Acme', 'acme', 'tir_test', 'OWNER@acme.test'),
  ('org_lone', 'Lone', 'lone', 'tir_test', null)`;
await sql`insert into members (organization_id, user_id, role) values
  ('org_acme', 'usr_own', 'owner'), ('org_acme', 'usr_bil', 'billing'),
  ('org_acme', 'usr_mem', 'member')`;

beforeEach(async () => {
  reloadConfig({ SMTP_URL: undefined, NODE_ENV: "test" });
  rmSync(path.join(dataDir, "mailbox"), { recursive: true, force: true });
  await sql`delete from notices`;
  await sql`delete from alerts`;
  await sql`delete from invoices`;
  await sql`delete from subscriptions`;
  await sql`delete from pgboss.job`;
});

afterEach(() => stopBoss());

afterAll(() => {
  for (const close of closers) close();
  rmSync(dataDir, { recursive: true, force: true });
});

test("makes one notice and one job of a fact that two transactions note at once", async () => {
  const noted = await Promise.all([note(), note(), note()]);

  expect(noted.filter(Boolean)).toHaveLength(1);
  expect(await sql`select 1 from notices`).toHaveLength(1);
  expect(await sql`select 1 from pgboss.job where name = 'notice.send'`).toHaveLength(1);
});

test("notes nothing where the fact's transaction rolls back", async () => {
  await db()
    .transaction(async (tx) => {
      await noteNotice(tx, fact);
      throw new Error("no fact after all");
    })
    .catch(() => undefined);

  expect(await sql`select 1 from notices`).toHaveLength(0);
  expect(await sql`select 1 from pgboss.job`).toHaveLength(0);
});

test("mails owners, billing members and the billing address, each once", async () => {
  await openInvoice();
  const noticeId = await noted();

  await sendNotice({ noticeId });

  const [mail, ...others] = await listMailbox();
  expect(others).toEqual([]);
  expect(mail?.to.map((to) => to.toLowerCase())).toEqual(["billing@acme.test", "owner@acme.test"]);
  expect(mail?.subject).toBe("Payment failed for invoice INV-7");
  expect(mail?.text).toContain("/portal/acme/billing");
  expect(await statusOf(noticeId)).toBe("sent");
});

test("sends a notice once when many senders have it at the same time", async () => {
  await openInvoice();
  const noticeId = await noted();

  await Promise.allSettled(Array.from({ length: 8 }, () => sendNotice({ noticeId })));
  await sendNotice({ noticeId });

  expect(await listMailbox()).toHaveLength(1);
  expect(await statusOf(noticeId)).toBe("sent");
  expect(await openAlerts(ada)).toEqual([]);
});

test("does not send again what a sender claimed before it died, and asks a person", async () => {
  await openInvoice();
  const noticeId = await noted();
  await claimNotice(noticeId);
  await expect(sendNotice({ noticeId })).rejects.toMatchObject({ code: "not_yet" });
  await sql`update notices set claimed_at = now() - interval '3 minutes'`;

  await sendNotice({ noticeId });

  expect(await listMailbox()).toEqual([]);
  expect(await statusOf(noticeId)).toBe("uncertain");
  expect(await openAlerts(ada)).toMatchObject([{ kind: "notice_uncertain", subject: noticeId }]);
});

test("sends an uncertain notice when an administrator takes it upon themselves", async () => {
  await openInvoice();
  const noticeId = await noted();
  await claimNotice(noticeId);
  await sql`update notices set claimed_at = now() - interval '3 minutes'`;
  await sendNotice({ noticeId });

  await sendNoticeAgain(ada, { noticeId });
  await sendNotice({ noticeId });

  expect(await listMailbox()).toHaveLength(1);
  expect(await openAlerts(ada)).toEqual([]);
  await expect(sendNoticeAgain(ada, { noticeId })).rejects.toMatchObject({ code: "not_found" });
  expect(await sql`select 1 from audit_entries where action = 'notice.send_again'`).toHaveLength(1);
});

test.each([
  ["paid", "The invoice is paid by now."],
  ["void", "The invoice is void by now."],
  ["uncollectible", "The invoice is uncollectible by now."],
])("tells nobody of a failed payment once the invoice is %s", async (status, reason) => {
  await openInvoice();
  const noticeId = await noted();
  await sql`update invoices set status = ${status}`;

  await sendNotice({ noticeId });

  expect(await listMailbox()).toEqual([]);
  expect(await droppedBecause(noticeId)).toBe(reason);
});

test("tells only the newest of several failed attempts", async () => {
  await openInvoice();
  const first = await noted();
  const second = await noted({ attempt: 2 });

  await sendNotice({ noticeId: first });
  await sendNotice({ noticeId: second });

  expect(await listMailbox()).toHaveLength(1);
  expect(await droppedBecause(first)).toBe("There is a newer notice about it.");
});

test.each([
  ["trial_ending", "trialing", "active"],
  ["subscription_canceled", "canceled", "active"],
] as const)("tells %s only while the subscription is %s", async (kind, due, not) => {
  await sql`insert into subscriptions (id, gateway, mode, ref, organization_id, status, gateway_status, items)
    values ('sub_1', 'stripe', 'test', 'sub_1', 'org_acme', ${due}, ${due}, '[]'::jsonb)`;
  const first = await noted({ kind, object: "stripe:test:sub_1", attempt: 1 });
  await sendNotice({ noticeId: first });
  await sql`update subscriptions set status = ${not}`;
  const second = await noted({ kind, object: "stripe:test:sub_1", attempt: 2 });

  await sendNotice({ noticeId: second });

  expect(await statusOf(first)).toBe("sent");
  expect(await droppedBecause(second)).toBe(`The subscription is ${not} by now.`);
});

test("drops a notice that nobody could receive", async () => {
  await openInvoice();
  await sql`update invoices set organization_id = 'org_lone'`;
  const noticeId = await noted({ organizationId: "org_lone" });

  await sendNotice({ noticeId });

  expect(await droppedBecause(noticeId)).toMatch(/no owner/);
});

test("keeps a notice unsent and raises one alert while mail is not configured", async () => {
  await openInvoice();
  const noticeId = await noted();
  reloadConfig({ NODE_ENV: "production" });
  await expect(sendNotice({ noticeId })).rejects.toMatchObject({ code: "not_configured" });
  await expect(sendNotice({ noticeId })).rejects.toMatchObject({ code: "not_configured" });
  expect(await statusOf(noticeId)).toBe("waiting");
  expect(await openAlerts(ada)).toMatchObject([{ kind: "mail_not_configured", count: 2 }]);

  reloadConfig({ NODE_ENV: "test" });
  await sendNotice({ noticeId });

  expect(await statusOf(noticeId)).toBe("sent");
  expect(await openAlerts(ada)).toEqual([]);
});

test("gives a claim back when the mail server cannot be reached", async () => {
  await openInvoice();
  const noticeId = await noted();
  reloadConfig({ SMTP_URL: `smtp://127.0.0.1:${await freePort()}` });

  await expect(sendNotice({ noticeId })).rejects.toMatchObject({ code: "gateway_unavailable" });

  expect(await statusOf(noticeId)).toBe("waiting");
});

test("leaves a notice claimed when the mail server hangs up after it has the mail", async () => {
  await openInvoice();
  const noticeId = await noted();
  const server = await mailServer({ afterData: (socket) => socket.destroy() });
  reloadConfig({ SMTP_URL: server.url });

  await sendNotice({ noticeId });

  expect(await statusOf(noticeId)).toBe("uncertain");
  expect(await openAlerts(ada)).toMatchObject([{ kind: "notice_uncertain" }]);
});

test("drops a notice with the mail server's words when it refuses it for good", async () => {
  await openInvoice();
  const noticeId = await noted();
  const server = await mailServer({ afterData: (socket) => socket.write("554 5.7.1 spam\r\n") });
  reloadConfig({ SMTP_URL: server.url });

  await expect(sendNotice({ noticeId })).rejects.toMatchObject({ code: "gateway_refused" });

  expect(await droppedBecause(noticeId)).toMatch(/554 5\.7\.1 spam/);
});

test("hands a notice to a mail server once, with one copy to each recipient", async () => {
  await openInvoice();
  const noticeId = await noted();
  const server = await mailServer({});
  reloadConfig({ SMTP_URL: server.url });

  await sendNotice({ noticeId });

  const said = server.heard();
  expect(said.match(/^DATA\r$/gm)).toHaveLength(1);
  expect(said.match(/^RCPT TO:/gm)).toHaveLength(2);
  expect(said).toContain(`Message-ID: <${noticeId}@localhost>`);
  expect(await statusOf(noticeId)).toBe("sent");
});

test("refuses a mail job whose address is two", async () => {
  const run = {
    jobId: "j",
    attempt: 1,
    isLastAttempt: false,
    signal: new AbortController().signal,
  };
  const to = "a@x.test, thief@evil.test";

  const sending = sendMail({ template: "password_changed", to, data: {} }, run);

  await expect(sending).rejects.toMatchObject({ code: "invalid_input" });
  expect(await listMailbox()).toEqual([]);
});

test("sends a noted notice by a job, and tells administrators of a job that was given up", async () => {
  await openInvoice();
  await startBoss({ work: true });
  const nothing = async () => {};
  await work({
    "mail.send": sendMail,
    "notice.send": sendNotice,
    "inbox.verify-again": nothing,
    "inbox.ring-all": nothing,
    "catalogue.read": nothing,
    "reconcile.gaps": nothing,
    "reconcile.subscriptions": nothing,
    "reconcile.catalogue": nothing,
    "import.go-on": nothing,
    "notice.expiring-cards": nothing,
    "notice.ending-comps": nothing,
    retention: nothing,
    partitions: nothing,
    gaveUp: tellGivenUp,
  });

  const noticeId = await noted();
  await until(async () => (await statusOf(noticeId)) === "sent");
  await tellGivenUp({ kind: "retention", jobId: "1", attempts: 7, reason: "the disk is full" });

  expect(await listMailbox()).toHaveLength(1);
  expect(await openAlerts(ada)).toMatchObject([
    { message: "A retention job was given up after 7 tries: the disk is full" },
  ]);
  await until(async () => (await listJobs(ada)).some(({ status }) => status === "done"));
});

test("queues again what lay half a day without a sender", async () => {
  await openInvoice();
  await noted();
  await sql`update notices set created_at = now() - interval '13 hours'`;

  expect(await queueForgotten()).toBe(1);
});

test("counts an alert that repeats, and opens a new one after it was cleared", async () => {
  const alert = { kind: "k", subject: "s", message: "first" };
  await Promise.all([raiseAlert(db(), alert), raiseAlert(db(), alert)]);
  await raiseAlert(db(), { ...alert, message: "latest" });
  expect(await openAlerts(ada)).toMatchObject([{ count: 3, message: "latest" }]);

  expect(await clearAlert(db(), "k", "s")).toBe(true);
  expect(await clearAlert(db(), "k", "s")).toBe(false);
  await raiseAlert(db(), alert);

  const [open] = await openAlerts(ada);
  expect(open).toMatchObject({ count: 1 });
  await dismissAlert(ada, { alertId: open?.id ?? "" });
  await expect(dismissAlert(ada, { alertId: open?.id ?? "" })).rejects.toMatchObject({
    code: "not_found",
  });
  expect(await openAlerts(ada)).toEqual([]);
});

test("shows an organization's notices to its own members only", async () => {
  await openInvoice();
  await noted();
  const olga: Member = {
    kind: "member",
    userId: "usr_own",
    label: "owner@acme.test",
    organizationId: "org_acme",
    role: "owner",
    origin,
  };

  expect(await noticesOf(olga, "org_acme")).toHaveLength(1);
  expect(() => noticesOf(olga, "org_lone")).toThrow("no such organization");
});

const fact = {
  kind: "payment_failed",
  object: "stripe:test:in_1",
  attempt: 1,
  organizationId: "org_acme",
} as const;

function note(): Promise<boolean> {
  return db().transaction((tx) => noteNotice(tx, fact));
}

async function noted(changes: Partial<Parameters<typeof noteNotice>[1]> = {}): Promise<string> {
  const wanted = { ...fact, ...changes };
  await db().transaction((tx) => noteNotice(tx, wanted));
  const [row] = await sql`select id from notices
    where kind = ${wanted.kind} and object = ${wanted.object} and attempt = ${wanted.attempt}`;
  return row?.id;
}

async function openInvoice(): Promise<void> {
  await sql`insert into invoices (id, gateway, mode, ref, organization_id, number, status, currency,
      total_minor, tax_minor, amount_due_minor, amount_paid_minor, amount_remaining_minor,
      attempt_count, hosted_url, lines)
    values ('ivc_1', 'stripe', 'test', 'in_1', 'org_acme', 'INV-7', 'open', 'EUR',
      2900, 0, 2900, 0, 2900, 1, 'https://invoice.stripe.test/i/1', '[]'::jsonb)`;
}

async function statusOf(noticeId: string): Promise<string | undefined> {
  return (await noticesOf(ada, "org_acme")).find(({ id }) => id === noticeId)?.status;
}

async function droppedBecause(noticeId: string): Promise<string | null> {
  const [row] = await sql`select dropped_because from notices where id = ${noticeId}`;
  return row?.dropped_because;
}

/** As much of a mail server as one mail needs. */
async function mailServer(script: { afterData?: (socket: Socket) => void }) {
  let heard = "";
  const server: Server = createServer((socket) => {
    let inData = false;
    socket.on("error", () => {});
    socket.write("220 test ESMTP\r\n");
    socket.on("data", (chunk) => {
      const text = chunk.toString();
      heard += text;
      if (inData) {
        if (!heard.endsWith("\r\n.\r\n")) return;
        inData = false;
        if (script.afterData) script.afterData(socket);
        else socket.write("250 taken\r\n");
        return;
      }
      for (const line of text.split("\r\n").filter(Boolean)) {
        if (line === "DATA") inData = true;
        socket.write(
          line === "DATA" ? "354 go on\r\n" : line === "QUIT" ? "221 bye\r\n" : "250 ok\r\n",
        );
      }
    });
  });
  const port = await listening(server);
  closers.push(() => server.close());
  return { url: `smtp://127.0.0.1:${port}`, heard: () => heard };
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("It did not happen within 20 s.");
    await wait(50);
  }
}
