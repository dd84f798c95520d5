import type { Figure, Stand } from "../figure.ts";
import { decimals, median, medianAndRange, table, whole } from "../numbers.ts";
import { drain } from "./backlog-drain.ts";
import { checkBacklog, storeBacklog } from "./backlog-work.ts";

type Turn = { readonly rate: number; readonly failures: number };
export type PoisonRun = {
  readonly none: readonly Turn[];
  readonly one: readonly Turn[];
  readonly hundred: readonly Turn[];
};

const ORGANIZATIONS = 1_000;
const AIM = 0.95;

/** What others notice of objects whose syncs fail again and again. */
export const poison: Figure<PoisonRun> = {
  name: "poison",
  heading: "Poison",
  async measure(stand) {
    const run: { none: Turn[]; one: Turn[]; hundred: Turn[] } = { none: [], one: [], hundred: [] };
    for (let round = 1; round <= stand.rounds; round++) {
      run.none.push(await turn(stand, 0));
      run.one.push(await turn(stand, 1));
      run.hundred.push(await turn(stand, 100));
      const rates = [run.none, run.one, run.hundred].map((turns) => whole(turns.at(-1)?.rate ?? 0));
      stand.say(`round ${round}: ${rates.join(", ")} events/s`);
    }
    return run;
  },
  report(run) {
    const beside = (turns: readonly Turn[]) =>
      turns.map(({ rate }, round) => rate / (run.none[round]?.rate ?? Number.NaN));
    const line = (what: string, turns: readonly Turn[]) => ({
      what,
      measured: medianAndRange(beside(turns), "times as fast as without", decimals(2)),
      aim: `${AIM} times`,
      holds: median(beside(turns)) >= AIM,
    });
    const row = (name: string, turns: readonly Turn[]) => [
      name,
      medianAndRange(
        turns.map(({ rate }) => rate),
        "",
      ),
      medianAndRange(
        turns.map(({ failures }) => failures),
        "",
      ),
    ];
    return {
      figures: [
        line("others' events beside one object that always fails", run.one),
        line("others' events beside a hundred objects that always fail", run.hundred),
      ],
      body: `The backlog above, of ${whole(ORGANIZATIONS)} organizations, and beside it objects whose syncs PostgreSQL refuses
with an error that no rule of ours expects (a trigger raises it). Each is tried after 1, 4, 16 and 64 seconds again and
then put aside. No claim takes more than a quarter of what failed before.

${table(
  ["poisonous objects", "others' events /s", "failed syncs meanwhile"],
  [row("none", run.none), row("1", run.one), row("100", run.hundred)],
)}`,
    };
  },
};

async function turn(stand: Stand, poisons: number): Promise<Turn> {
  const { sql } = await stand.freshDatabase();
  await sql`create function refuse() returns trigger language plpgsql as
    'begin raise exception ''poison''; end'`;
  await sql`create trigger poison before insert on payments for each row
    when (new.ref like 'pi\\_poison%') execute function refuse()`;
  const work = { invoices: 2, payments: 1, eventsPerObject: 1 } as const;
  if (poisons > 0) {
    await storeBacklog(sql, { ...work, run: "poison", invoices: 0, organizations: poisons });
  }
  const others = await storeBacklog(sql, { ...work, run: "others", organizations: ORGANIZATIONS });
  const { seconds } = await drain(stand, sql, "others");
  await checkBacklog(sql, others);
  const [failed] = await sql<{ count: number; objects: number }[]>`
    select count(*)::int as count, count(distinct object_id)::int as objects from syncs
    where outcome in ('failed', 'parked')`;
  if (failed?.objects !== poisons) throw new Error(`${failed?.objects} objects failed.`);
  return { rate: others.events.length / seconds, failures: failed.count };
}
