import { expect, test } from "@playwright/test";
import { type Cluster, startCluster } from "#tests/faults/cluster.ts";
import { short } from "#tests/faults/scenarios/short.ts";
import { type Stand, standUp } from "#tests/faults/stand.ts";
import { judge, settled } from "#tests/faults/verdict.ts";

/** The short part of `npm run faults`; docs/faults.md tells of the whole. */
const SEED = 20_261_102;

test.describe.configure({ timeout: 240_000 });

test("keeps its promises through kills and cuts after COMMIT, and a broken one would be seen", async () => {
  const cluster: Cluster = await startCluster();
  let stand: Stand | undefined;
  try {
    stand = await standUp(cluster, short.name, SEED, short.shape);
    await short.run(stand, { kills: 3 });
    await stand.sender.finish(60_000);
    expect(await settled(stand, 120_000)).toBe(true);

    const kept = await judge(stand);
    expect(stand.proxy.cutAfter.size).toBeGreaterThan(0);
    expect(kept.acked).toBeGreaterThan(150);
    expect(kept).toMatchObject({ acked: kept.sent, stored: kept.sent, applied: kept.sent });
    expect(kept).toMatchObject({ lost: [], twice: [], untrue: [], truthful: 12 });

    await breakPromises(stand);
    const broken = await judge(stand);
    expect(broken.lost).toHaveLength(1);
    expect(broken.twice).toEqual([expect.stringMatching(/^org_1: .*contradict/)]);
    expect(broken.untrue.map((fault) => fault.split(" is ")[0])).toEqual(["org_2: price"]);
  } finally {
    await stand?.sender.abandon();
    await stand?.close();
    await cluster.stop();
  }
});

/** What a loss, a second effect and a wrong state would leave behind. */
async function breakPromises({ sql }: Stand): Promise<void> {
  await sql`delete from webhook_events where event_ref = (select min(event_ref) from webhook_events)`;
  await sql`insert into tier_changes
    select (jsonb_populate_record(t, '{"id":"tch_again"}')).* from tier_changes t
    where organization_id = 'org_1' limit 1`;
  await sql`update subscriptions set price_ref = 'price_other' where organization_id = 'org_2'`;
}
