import { z } from "zod";
import { db } from "#db/client.ts";
import type { Administrator } from "../actor.ts";
import { recordDeed } from "../audit/store.ts";
import { AppError } from "../errors.ts";
import { checked } from "../input.ts";
import { putBack, takeDown } from "./store.ts";

const id = z.string().min(1).max(60);

/** Takes an alert down: somebody looked at it. It comes back when what it is about happens again. */
export async function dismissAlert(
  actor: Administrator,
  input: { alertId: string },
): Promise<void> {
  const { alertId } = checked(z.object({ alertId: id }), input);
  await db().transaction(async (tx) => {
    const alert = await takeDown(tx, alertId);
    if (!alert) throw new AppError("not_found", "There is no such open alert.");
    const after = { kind: alert.kind, subject: alert.subject, count: alert.count };
    await recordDeed(tx, actor, { action: "alert.dismiss", subject: alert.id, after });
  });
}

/**
 * Sends a notice that may or may not have left, or that was refused: the one who asks takes it upon
 * themselves that people may hear twice. What is no longer true is dropped as ever.
 */
export async function sendNoticeAgain(
  actor: Administrator,
  input: { noticeId: string },
): Promise<void> {
  const { noticeId } = checked(z.object({ noticeId: id }), input);
  await db().transaction(async (tx) => {
    const notice = await putBack(tx, noticeId);
    if (!notice)
      throw new AppError("not_found", "There is no such notice, or it was sent already.");
    await recordDeed(tx, actor, {
      action: "notice.send_again",
      subject: notice.id,
      organizationId: notice.organizationId,
    });
  });
}
