import { sql } from "#db/client.ts";

/**
 * Forgets what lets nobody in any more: sessions a day after they ended, reset links a week after
 * they were used or ran out, invitations 90 days after they were answered, revoked or ran out.
 */
export async function forgetExpired(): Promise<void> {
  await sql()`delete from sessions where expires_at < now() - interval '1 day'`;
  await sql()`
    delete from password_resets
    where least(expires_at, used_at) < now() - interval '7 days'`;
  await sql()`
    delete from invitations
    where least(expires_at, accepted_at, revoked_at) < now() - interval '90 days'`;
}
