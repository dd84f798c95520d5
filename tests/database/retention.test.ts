import { expect, test } from "vitest";
import { forgetExpired } from "#lib/identity/retention.ts";
import { forgetOldDeliveries } from "#lib/inbox/retention.ts";
import { useDatabase } from "#tests/support/database.ts";

const { sql } = await useDatabase();

test("forgets event keys after 90 days, refused requests after 30, and nothing younger", async () => {
  await sql`insert into event_keys (gateway, mode, account, event_ref, body_hash, event_id, received_at)
    select 'stripe', 'test', '', 'evt_' || n, '\\x00', 'gev_' || n,
      now() - case when n <= 12000 then interval '91 days' else interval '89 days' end
    from generate_series(1, 12003) n`;
  await sql`insert into refused_requests
      (id, received_at, gateway, refusal, diagnosis, headers, body_size)
    values ('rfd_old', now() - interval '31 days', 'stripe', 'x', 'x', '{}'::jsonb, 0),
      ('rfd_new', now() - interval '29 days', 'stripe', 'x', 'x', '{}'::jsonb, 0)`;

  await forgetOldDeliveries();

  const [keys] = await sql`select count(*)::int as kept from event_keys`;
  expect(keys?.kept).toBe(3);
  expect([...(await sql`select id from refused_requests`)]).toEqual([{ id: "rfd_new" }]);
});

test("stops between two batches when it is asked to", async () => {
  await sql`insert into event_keys (gateway, mode, account, event_ref, body_hash, event_id, received_at)
    select 'stripe', 'live', '', 'evt_' || n, '\\x00', 'gev_' || n, now() - interval '91 days'
    from generate_series(1, 6000) n`;

  await forgetOldDeliveries(AbortSignal.abort());

  const [keys] = await sql`select count(*)::int as kept from event_keys where mode = 'live'`;
  expect(keys?.kept).toBe(6000);
});

test("forgets sessions, reset links and invitations that let nobody in any more", async () => {
  await sql`insert into users (id, email, name) values ('usr_1', 'a@x.test', 'A')`;
  await sql`insert into sessions (id, user_id, expires_at) values
    ('ses_old', 'usr_1', now() - interval '2 days'), ('ses_new', 'usr_1', now() + interval '1 day')`;
  await sql`insert into password_resets (id, user_id, token_hash, expires_at, used_at) values
    ('rst_old', 'usr_1', 'a', now() - interval '8 days', null),
    ('rst_used', 'usr_1', 'b', now() + interval '1 hour', now() - interval '8 days'),
    ('rst_new', 'usr_1', 'c', now() + interval '1 hour', null)`;
  await sql`insert into invitations (id, email, role, token_hash, expires_at, accepted_at) values
    ('inv_old', 'b@x.test', 'administrator', 'a', now() - interval '91 days', null),
    ('inv_new', 'c@x.test', 'administrator', 'b', now() + interval '7 days', null)`;

  await forgetExpired();

  const left = await sql`
    select id from sessions union all select id from password_resets
    union all select id from invitations order by id`;
  expect(left.map(({ id }) => id)).toEqual(["inv_new", "rst_new", "ses_new"]);
});
