import { setTimeout as pause } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

const HELD_MS = 8_000;
const ANSWER_WITHIN_MS = 3_500;
/** A pile of waiting statements must not outlive the lock. */
const ACK_WITHIN_MS = 1_500;

export const longLock: Scenario = {
  name: "long-lock",
  about: `An ACCESS EXCLUSIVE lock on webhook_events for ${HELD_MS / 1_000} s, as a careless migration takes it.`,
  async run({ sql, sender, backAt, webs, workers }) {
    await pause(1_500);
    sender.journal.slowestMs = 0;
    await sql.begin(async (tx) => {
      await tx`lock table webhook_events in access exclusive mode`;
      await pause(HELD_MS);
    });
    const back = performance.now();
    backAt.push(back);
    await pause(2_000);
    const { acked, slowestMs, answers } = sender.journal;
    const first = [...acked.values()].filter((at) => at >= back).sort((a, b) => a - b)[0];
    const faults = [...webs, ...workers].flatMap(({ name, falls }) =>
      falls > 0 ? [`${name} ended ${falls} times because of a lock`] : [],
    );
    if (slowestMs > ANSWER_WITHIN_MS) faults.push(`an answer took ${Math.round(slowestMs)} ms`);
    if (first === undefined || first - back > ACK_WITHIN_MS) faults.push("the pile-up outlived it");
    return { did: `${answers.get("503") ?? 0} answers of 503`, faults };
  },
};
