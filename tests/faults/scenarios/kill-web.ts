import { setTimeout as pause } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

/** A third of all kills. */
export const killWeb: Scenario = {
  name: "kill-web",
  about: "SIGKILL of the web process at random moments under load; it is started again.",
  async run({ webs, random }, { kills }) {
    const count = Math.floor(kills / 3);
    for (let n = 0; n < count; n++) {
      await pause(random.between(300, 1_500));
      const web = random.pick(webs);
      await web.kill(random.between(0, 300));
      // Some are killed again before they are ready.
      if (random.chance(0.8)) await web.ready();
    }
    for (const web of webs) await web.ready();
    await pause(1_000);
    return { did: `${count} kills` };
  },
};
