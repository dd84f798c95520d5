import type { Sql } from "#db/client.ts";
import { receive } from "#lib/inbox/receive.ts";
import { syncObject } from "#lib/inbox/sync.ts";
import { addSecret } from "#lib/settings/commands.ts";
import { startSyncing } from "#lib/worker/run.ts";
import { ada, prepareSettings } from "./settings.ts";
import { bodyOf, liveSecret, type StripeObject, signed, testSecret } from "./stripe-objects.ts";

/** The catalogue of the tests' merchant: price_pro and price_business are in plans, others in none. */
export async function prepareBilling(database: { url: string; sql: Sql }): Promise<void> {
  const { sql } = database;
  await prepareSettings(database);
  for (const { mode, secret } of [testSecret, liveSecret]) {
    await addSecret(ada, { gateway: "stripe", mode, label: mode, secret });
  }
  await sql`insert into tiers (id, code, name, rank) values
    ('tir_pro', 'pro', 'Pro', 10), ('tir_business', 'business', 'Business', 20)`;
  await sql`insert into plans (id, code, name, tier_id) values
    ('pln_pro', 'pro', 'Pro', 'tir_pro'), ('pln_business', 'business', 'Business', 'tir_business')`;
  await sql`insert into gateway_prices (gateway, mode, ref, plan_id) values
    ('stripe', 'test', 'price_pro', 'pln_pro'),
    ('stripe', 'test', 'price_business', 'pln_business')`;
}

/** An organization with the id that events name it by. */
export async function makeOrganization(sql: Sql, id: string): Promise<void> {
  await sql`insert into organizations (id, name, slug, tier_id)
    values (${id}, ${id.slice(4)}, ${id.slice(4)}, 'tir_free')`;
}

/** Posts an event as Stripe would, and fails unless it was acknowledged. */
export async function deliver(event: StripeObject, secret = testSecret.secret): Promise<void> {
  const body = bodyOf(event);
  const answer = await receive({
    gateway: "stripe",
    method: "POST",
    headers: { "stripe-signature": signed(body, secret) },
    body,
    remoteAddress: "127.0.0.1",
  });
  if (answer.status !== 200) throw new Error(`Answered ${answer.status}: ${answer.body}`);
}

/** Lets workers run until nothing is due. Nobody waits at a screen any more, so what was left to one is theirs. */
export async function settle(sql: Sql, concurrency = 4): Promise<void> {
  await sql`update gateway_objects set leased_until = null where leased_until > now()`;
  const syncing = startSyncing(concurrency);
  const started = Date.now();
  for (;;) {
    const [row] = await sql<{ due: number }[]>`
      select count(*)::int as due from gateway_objects
      where rung > synced_rung and parked_at is null`;
    if (row?.due === 0) break;
    if (Date.now() - started > 60_000) throw new Error(await whatIsDue(sql));
    syncing.wake();
    await new Promise((done) => setTimeout(done, 10));
  }
  await syncing.stop();
}

async function whatIsDue(sql: Sql): Promise<string> {
  const rows = await sql`
    select type, ref, rung, synced_rung, sync_version, attempts, last_error, leased_until,
      next_attempt_at, now() from gateway_objects where rung > synced_rung and parked_at is null`;
  return `These stay due: ${JSON.stringify(rows, null, 1)}`;
}

/** Syncs one object now, whatever its lease. */
export async function syncRef(sql: Sql, type: string, ref: string) {
  const [row] = await sql<{ id: string }[]>`
    select id from gateway_objects where type = ${type} and ref = ${ref}`;
  if (!row) throw new Error(`No ${type} ${ref} was ever rung.`);
  return syncObject(Number(row.id));
}

export async function tierOf(sql: Sql, organizationId: string): Promise<string> {
  const [row] = await sql<{ code: string }[]>`
    select t.code from organizations o join tiers t on t.id = o.tier_id
    where o.id = ${organizationId}`;
  return row?.code ?? "none";
}

/** The status and reason of a stored event, as the log shows them. */
export async function told(sql: Sql, eventRef: string) {
  const [row] = await sql<{ status: string; code: string | null; reason: string | null }[]>`
    select status, reason_code as code, reason from webhook_events where event_ref = ${eventRef}`;
  return row;
}
