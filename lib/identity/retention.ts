import { sql } from "#db/client.ts";
import { DAY } from "../time.ts";
import { IDLE_DAYS } from "./people/store.ts";

/**
 * Forgets what lets nobody in any more: ended and idle sessions, tries counted a day ago, reset links
 * and links into the portal a week after they were used or ran out, invitations 90 days after they were answered, revoked or
 * ran out.
 */
export async function forgetExpired(): Promise<void> {
  await sql()`
    delete from sessions
    where expires_at < now() or last_seen_at < now() - make_interval(days => ${IDLE_DAYS})`;
  await sql()`delete from rate_limits where expire < ${Date.now() - DAY}`;
  await sql()`
    delete from password_resets
    where least(expires_at, used_at) < now() - interval '7 days'`;
  await sql()`
    delete from portal_links
    where expires_at < now() - interval '7 days'`;
  await sql()`
    delete from invitations
    where least(expires_at, accepted_at, revoked_at) < now() - interval '90 days'`;
}
