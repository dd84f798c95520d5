import { setTimeout as pause } from "node:timers/promises";
import type { Stand } from "./stand.ts";

/** What a scenario left behind, as seen by the sender, the database and the mail server. */
export type Verdict = {
  readonly sent: number;
  readonly acked: number;
  readonly stored: number;
  readonly applied: number;
  /** Acknowledged, and not there. */
  readonly lost: readonly string[];
  /** What happened twice: rows, notices, mails, contradicting changes of a tier. */
  readonly twice: readonly string[];
  /** What differs from what must be true. */
  readonly untrue: readonly string[];
  /** Organizations whose every row is as it must be. */
  readonly truthful: number;
  readonly organizations: number;
};

/** Objects that are poison on purpose, by their names. */
export const POISON = "sub_poison%";

/** A mail whose sender was killed is in doubt and waits for a person; nobody waits for it here. */
const MAILS_WITHIN_MS = 8_000;

/** Waits until nothing is due any more, and a while for mails; false when syncs take too long. */
export async function settled({ sql }: Stand, limitMs: number): Promise<boolean> {
  const isSynced = await until(limitMs, async () => {
    const [row] = await sql<{ due: number }[]>`
      select count(*)::int as due from gateway_objects where is_due and ref not like ${POISON}`;
    return row?.due === 0;
  });
  await until(MAILS_WITHIN_MS, async () => {
    const [row] = await sql<{ jobs: number }[]>`
      select count(*)::int as jobs from pgboss.job
      where name = 'notice.send' and state < 'completed'`;
    return row?.jobs === 0;
  });
  return isSynced;
}

async function until(limitMs: number, isSo: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    if (await isSo()) return true;
    await pause(200);
  }
  return false;
}

export async function judge(stand: Stand): Promise<Verdict> {
  const { sql, sender, story } = stand;
  const { sent, acked } = sender.journal;
  const rows = await sql<{ ref: string; status: string }[]>`
    select event_ref as ref, status from webhook_events where status <> 'conflict'`;
  const stored = new Set(rows.map(({ ref }) => ref));
  const applied = rows.filter(({ ref, status }) => status === "processed" && sent.has(ref));
  const untrue = [...(await falsehoods(stand)), ...phantoms(stored, sent)];
  const wronged = new Set(untrue.map((fault) => fault.split(":")[0]));
  const names = Array.from({ length: story.organizations }, (_, n) => `org_${n}`);
  return {
    sent: sent.size,
    acked: acked.size,
    stored: [...sent.keys()].filter((ref) => stored.has(ref)).length,
    applied: applied.length,
    lost: [...acked.keys()].filter((ref) => !stored.has(ref)),
    twice: [...storedTwice(rows), ...(await contradictions(stand)), ...(await mailedTwice(stand))],
    untrue,
    truthful: names.filter((name) => !wronged.has(name)).length,
    organizations: story.organizations,
  };
}

function storedTwice(rows: readonly { ref: string }[]): string[] {
  const seen = new Set<string>();
  return rows.flatMap(({ ref }) => {
    if (seen.has(ref)) return [`event ${ref} is stored twice`];
    seen.add(ref);
    return [];
  });
}

/** What is there although nobody sent it. */
function phantoms(stored: ReadonlySet<string>, sent: ReadonlyMap<string, unknown>): string[] {
  return [...stored]
    .filter((ref) => !sent.has(ref) && !ref.startsWith("evt_poison"))
    .map((ref) => `nobody: event ${ref} is stored and was never sent`);
}

/**
 * The changes of a tier must be one walk from free to the tier of now: each tier is left as often as
 * it was come to. A change that was made twice, or from where nobody was, breaks that.
 */
async function contradictions({ sql }: Stand): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    with steps as (
      select organization_id as id, to_tier_id as tier, 1 as step from tier_changes
      union all select organization_id, from_tier_id, -1 from tier_changes
      union all select id, 'tir_free', 1 from organizations
      union all select id, tier_id, -1 from organizations)
    select distinct id from (
      select id from steps group by id, tier having sum(step) <> 0
      union all select organization_id from tier_changes where from_tier_id = to_tier_id) wrong`;
  return rows.map(({ id }) => `${id}: its changes of tier contradict each other`);
}

async function mailedTwice({ sql, postOffice }: Stand): Promise<string[]> {
  const rows = await sql<{ object: string }[]>`
    select kind || ' ' || object || ' ' || attempt as object from notices
    group by kind, object, attempt having count(*) > 1`;
  const mails = [...postOffice.mails].filter(([, count]) => count > 1);
  return [
    ...rows.map(({ object }) => `notice ${object} was made twice`),
    ...mails.map(([id, count]) => `mail ${id} was delivered ${count} times`),
  ];
}

type Row = {
  id: string;
  tier: string;
  subscriptions: number;
  price: string | null;
  status: string | null;
  paid: string[];
  unpaid: string[];
  notices: string[];
};

async function falsehoods({ sql, story }: Stand): Promise<string[]> {
  const rows = await sql<Row[]>`
    select o.id, t.code as tier,
      (select count(*)::int from subscriptions s where s.organization_id = o.id) as subscriptions,
      (select max(price_ref) from subscriptions s where s.organization_id = o.id) as price,
      (select max(status) from subscriptions s where s.organization_id = o.id) as status,
      array(select ref from invoices i where i.organization_id = o.id and status = 'paid'
        order by 1) as paid,
      array(select ref from invoices i where i.organization_id = o.id and status = 'open'
        order by 1) as unpaid,
      array(select split_part(object, ':', 3) from notices n where n.organization_id = o.id
        and kind = 'payment_failed' order by 1) as notices
    from organizations o join tiers t on t.id = o.tier_id`;
  const held = new Map(rows.map((row) => [row.id, row]));
  return Array.from({ length: story.organizations }, (_, n) => n).flatMap((n) => {
    const end = story.expected(n);
    const wanted: Omit<Row, "id"> = {
      tier: end.tier,
      subscriptions: end.status ? 1 : 0,
      price: end.priceRef ?? null,
      status: end.status ?? null,
      paid: [...end.paid].sort(),
      unpaid: [...end.unpaid].sort(),
      notices: [...end.unpaid].sort(),
    };
    return differences(`org_${n}`, wanted, held.get(`org_${n}`));
  });
}

function differences(id: string, wanted: Omit<Row, "id">, held: Row | undefined): string[] {
  if (!held) return [`${id}: is not there`];
  const facts: Readonly<Record<string, unknown>> = held;
  return Object.entries(wanted).flatMap(([name, value]) => {
    const [should, is] = [JSON.stringify(value), JSON.stringify(facts[name])];
    return should === is ? [] : [`${id}: ${name} is ${is}, and should be ${should}`];
  });
}
