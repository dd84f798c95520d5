import type { Cluster } from "./cluster.ts";
import { type Shape, type Stand, standUp } from "./stand.ts";
import { judge, settled, type Verdict } from "./verdict.ts";

export type Told = {
  /** What was done, in a few words for the report: "33 kills". */
  readonly did: string;
  /** Promises of this scenario's own that were broken. */
  readonly faults?: readonly string[];
};

export type Scenario = {
  readonly name: string;
  /** The fault, as a sentence for the report. */
  readonly about: string;
  readonly shape?: Shape;
  /** The negative control: it must lose, or the run could not see a loss. */
  readonly mustLose?: boolean;
  /** What must be made outside of the deployment first; a reason when this machine can't. */
  prepare?(cluster: Cluster): Promise<Prepared | { skip: string }>;
  /** Does the harm while events are being sent. */
  run(stand: Stand, options: { kills: number }): Promise<Told>;
};

type Prepared = { readonly shape: Shape; remove(): Promise<void> };

export type Result = {
  readonly scenario: Scenario;
  readonly seconds: number;
  readonly skipped?: string;
  readonly did: string;
  readonly verdict?: Verdict;
  /** From PostgreSQL being back to the next acknowledged event, for each time it was away. */
  readonly firstAckMs: readonly number[];
  readonly falls: number;
  readonly slowestMs: number;
  readonly answers: ReadonlyMap<string, number>;
  readonly faults: readonly string[];
};

export type RunOptions = { readonly seed: number; readonly kills: number };

const ACKED_WITHIN_MS = 60_000;
const SETTLED_WITHIN_MS = 120_000;

/** Stands a deployment up, sends, does the harm, lets everything come to rest, and judges. */
export async function runScenario(
  cluster: Cluster,
  scenario: Scenario,
  options: RunOptions,
): Promise<Result> {
  const began = performance.now();
  const prepared = await scenario.prepare?.(cluster);
  if (prepared && "skip" in prepared) return skippedFor(scenario, prepared.skip);
  try {
    const shape = { ...scenario.shape, ...prepared?.shape };
    const stand = await standUp(cluster, scenario.name, options.seed, shape);
    return await harmAndJudge(stand, scenario, options, began);
  } finally {
    await prepared?.remove();
  }
}

async function harmAndJudge(
  stand: Stand,
  scenario: Scenario,
  { kills }: RunOptions,
  began: number,
): Promise<Result> {
  const faults: string[] = [];
  let isWell = false;
  try {
    const told = await scenario.run(stand, { kills });
    faults.push(...(told.faults ?? []));
    await stand.sender.finish(ACKED_WITHIN_MS);
    if (!(await settled(stand, SETTLED_WITHIN_MS))) faults.push("work did not come to an end");
    const verdict = await judge(stand);
    if (verdict.acked < verdict.sent) {
      faults.push(`${verdict.sent - verdict.acked} events were never acknowledged`);
    }
    const { journal } = stand.sender;
    const result: Result = {
      scenario,
      seconds: (performance.now() - began) / 1_000,
      did: told.did,
      verdict,
      firstAckMs: firstAcks(stand),
      falls: [...stand.webs, ...stand.workers].reduce((sum, keeper) => sum + keeper.falls, 0),
      slowestMs: journal.slowestMs,
      answers: journal.answers,
      faults,
    };
    isWell = hasPassed(result);
    return result;
  } finally {
    await stand.sender.abandon();
    await stand.close({ keepLogs: !isWell });
    if (!isWell) process.stdout.write(`  logs of the processes: ${stand.folder}\n`);
  }
}

const NOTHING = { seconds: 0, firstAckMs: [], falls: 0, slowestMs: 0, answers: new Map() };

function skippedFor(scenario: Scenario, reason: string): Result {
  return { ...NOTHING, scenario, did: "", skipped: reason, faults: [] };
}

/** A scenario that could not be played to its end has failed. */
export function brokenOff(scenario: Scenario, error: unknown): Result {
  const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { ...NOTHING, scenario, did: "broken off", faults: [fault] };
}

function firstAcks({ backAt, sender }: Stand): number[] {
  const times = [...sender.journal.acked.values()].sort((a, b) => a - b);
  return backAt.flatMap((back) => {
    const first = times.find((at) => at >= back);
    return first === undefined ? [] : [first - back];
  });
}

/** Nothing lost, nothing twice, the truth reached; the control has to lose instead. */
export function hasPassed({ scenario, verdict, skipped, faults }: Result): boolean {
  if (skipped !== undefined) return true;
  if (!verdict) return false;
  if (scenario.mustLose) return verdict.lost.length > 0;
  const { lost, twice, untrue } = verdict;
  return [lost, twice, untrue, faults].every((list) => list.length === 0);
}
