import { db } from "#db/client.ts";
import { counted } from "../counted.ts";
import { AppError, isTransient } from "../errors.ts";
import type { JobPayloads } from "../jobs/queues.ts";
import type { GivenUpJob, Run } from "../jobs/work.ts";
import { log } from "../log.ts";
import { openLink } from "../sealing.ts";
import { productSettings } from "../settings/views.ts";
import { type Brand, render } from "./letter.ts";
import { deliver, type Mail, mailRoute, notConfigured } from "./mail.ts";
import {
  claimNotice,
  clearAlert,
  doubt,
  dropNotice,
  markSent,
  type Notice,
  raiseAlert,
  releaseNotice,
} from "./store.ts";
import { type LetterData, letterOf } from "./templates.ts";

/** Sends one mail that somebody asked for. A second one is a nuisance, not a fault, so it may repeat. */
export async function sendMail(job: JobPayloads["mail.send"], run: Run): Promise<void> {
  await requireRoute();
  const brand = await productSettings();
  const data = { ...job.data, ...(job.sealedLink ? { link: linkOf(job.sealedLink, brand) } : {}) };
  await deliver(compose(job.template, data, brand, { id: run.jobId, to: [job.to] }));
  log().info({ template: job.template, jobId: run.jobId }, `mail ${job.template} sent`);
}

/**
 * Sends the mail of a notice, never twice: it is claimed in a transaction of its own before anything
 * is sent. Where the claim outlived its sender, nobody knows whether the mail left; then a person is
 * asked instead of a customer being told twice.
 */
export async function sendNotice({ noticeId }: JobPayloads["notice.send"]): Promise<void> {
  await requireRoute();
  const brand = await productSettings();
  const claim = await claimNotice(noticeId);
  switch (claim.state) {
    case "missing":
      throw new AppError("not_found", `There is no notice ${noticeId}.`);
    case "settled":
      return;
    case "busy":
      throw new AppError("not_yet", "Another worker is sending this notice.");
    case "uncertain":
      await doubt(claim.notice);
      return;
    case "claimed": {
      const { facts, recipients } = claim;
      await sendClaimed(claim.notice, () =>
        compose(facts.template, facts.data, brand, { id: noticeId, to: recipients }),
      );
    }
  }
}

/** Tells administrators about a job that nobody tries again by itself. */
export async function tellGivenUp(job: GivenUpJob): Promise<void> {
  await raiseAlert(db(), {
    kind: "job_given_up",
    subject: job.kind,
    message: `A ${job.kind} job was given up after ${counted(job.attempts, "try", "tries")}: ${job.reason}`,
    href: "/admin/jobs",
  });
}

async function sendClaimed(notice: Notice, write: () => Mail): Promise<void> {
  let hasBegun = false;
  try {
    const mail = write();
    hasBegun = true;
    await deliver(mail);
  } catch (error) {
    if (hasBegun && !(error instanceof AppError)) {
      log().error({ err: error, noticeId: notice.id }, "a notice may or may not have been sent");
      await doubt(notice);
      return;
    }
    await giveBack(notice, error);
    throw error;
  }
  await markSent(notice.id);
  log().info({ noticeId: notice.id, object: notice.object }, `notice ${notice.kind} sent`);
}

/** It surely did not leave: the next try may send it, unless the mail server said never. */
async function giveBack(notice: Notice, error: unknown): Promise<void> {
  await db().transaction(async (tx) => {
    await releaseNotice(tx, notice.id);
    if (error instanceof AppError && !isTransient(error)) {
      await dropNotice(tx, notice.id, error.message);
    }
  });
}

async function requireRoute(): Promise<void> {
  if (mailRoute() !== "none") {
    await clearAlert(db(), "mail_not_configured", "mail");
    return;
  }
  const fault = notConfigured();
  await raiseAlert(db(), {
    kind: "mail_not_configured",
    subject: "mail",
    message: fault.message,
    href: "/admin/settings",
  });
  throw fault;
}

function compose(
  template: string,
  data: LetterData,
  brand: Brand,
  envelope: { id: string; to: readonly string[] },
): Mail {
  const letter = letterOf(template, data, brand);
  if (!letter) throw new Error(`There is no mail template "${template}".`);
  return { ...render(letter, brand), ...envelope, replyTo: brand.supportEmail };
}

/** Only a path travels with the job, so that no request's own Host ever names where a link leads. */
function linkOf(sealed: string, brand: Brand): string {
  return `${brand.publicUrl}${openLink(sealed)}`;
}
