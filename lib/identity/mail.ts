import type { Tx } from "#db/client.ts";
import { config } from "#lib/config.ts";
import { AppError } from "#lib/errors.ts";
import { enqueue } from "#lib/jobs/boss.ts";
import { sealLink } from "#lib/sealing.ts";

/**
 * Puts a mail with a secret link into the caller's transaction. The job holds the link sealed, and
 * only its path: the renderer adds the public address, never a request's own Host.
 */
export async function mailLink(
  tx: Tx,
  mail: {
    template: "invitation" | "password_reset";
    to: string;
    path: string;
    data: Record<string, string>;
  },
): Promise<void> {
  const { template, to, data } = mail;
  await enqueue(tx, "mail.send", { template, to, data, sealedLink: sealLink(mail.path) });
}

/** Tells somebody that their password is another now, in case it was not them. */
export async function mailPasswordChanged(
  tx: Tx,
  user: { email: string; name: string },
  now: Date = new Date(),
): Promise<void> {
  const data = { name: user.name, at: now.toISOString() };
  await enqueue(tx, "mail.send", { template: "password_changed", to: user.email, data });
}

/** Refuses before anything is looked up, so that the answer is the same for everybody. */
export function requireMailKeys(): void {
  if (config().masterKeys.size > 0) return;
  throw new AppError(
    "not_configured",
    "Mail cannot be sent: BILLHOOK_MASTER_KEYS is not set. Tell whoever runs this Billhook.",
  );
}
