import { setTimeout as pause } from "node:timers/promises";
import { subscription } from "#tests/support/stripe-objects.ts";
import type { StripeStub } from "#tests/support/stripe-stub.ts";
import type { Scenario } from "../scenario.ts";

const always = () => true;
const wrong = subscription({ id: "sub_wrong", customer: "cus_0", status: "unpaid" });

/** How the gateway answers in each phase, which lasts so long. */
const PHASES: readonly { name: string; ms: number; begin(stub: StripeStub): void }[] = [
  {
    name: "429",
    ms: 4_000,
    begin: (stub) => stub.fail(always, 429, { headers: { "retry-after": "1" } }),
  },
  { name: "500", ms: 4_000, begin: (stub) => stub.fail(always, 500) },
  { name: "slow", ms: 10_000, begin: (stub) => stub.delay(9_500) },
  {
    name: "garbage",
    ms: 4_000,
    begin: (stub) => stub.fail(always, 200, { body: "<html>Bad gateway</html>" }),
  },
  {
    name: "another object",
    ms: 4_000,
    begin: (stub) => stub.fail(always, 200, { body: JSON.stringify(wrong) }),
  },
];

export const gatewayFaults: Scenario = {
  name: "gateway",
  about:
    "In fetch mode the gateway answers 429, then 500, then after 9.5 s, then garbage, then with an object that was not asked for.",
  shape: { fetches: true, perSecond: 40, organizations: 10 },
  async run({ stub, sql }) {
    await pause(2_000);
    const faults: string[] = [];
    for (const { name, ms, begin } of PHASES) {
      begin(stub);
      await pause(ms);
      stub.recover();
      stub.delay(0);
      const rows = await sql`
        select ref from subscriptions where ref = 'sub_wrong' or status = 'unpaid'`;
      if (rows.length > 0) faults.push(`an answer of "${name}" was believed`);
      await pause(1_500);
    }
    return { did: PHASES.map(({ name }) => name).join(", "), faults };
  },
};
