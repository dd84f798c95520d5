import type { Scenario } from "../scenario.ts";

const ROUNDS = 4;
const DRAIN_WITHIN_MS = 10_000;

export const rolling: Scenario = {
  name: "rolling",
  about:
    "Two web processes are restarted in turns by SIGTERM under load; who is refused a connection goes to the other.",
  shape: { webs: 2, perSecond: 60 },
  async run({ webs, sender }) {
    const faults: string[] = [];
    let slowest = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (const web of webs) {
        const { code, tookMs } = await web.roll();
        slowest = Math.max(slowest, tookMs);
        if (code !== 0) faults.push(`${web.name} ended with ${code}`);
      }
    }
    if (slowest > DRAIN_WITHIN_MS) faults.push(`draining took ${Math.round(slowest)} ms`);
    const bad = [...sender.journal.answers].filter(([answer]) => answer === "500");
    if (bad.length > 0) faults.push("a request failed with 500");
    const resets = sender.journal.answers.get("ECONNRESET") ?? 0;
    const did = `${ROUNDS * webs.length} restarts, drained within ${Math.round(slowest)} ms, ${resets} requests cut`;
    return { did, faults };
  },
};
