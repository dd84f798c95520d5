import { setTimeout as pause } from "node:timers/promises";
import {
  bodyOf,
  event,
  price,
  subscription,
  subscriptionItem,
} from "#tests/support/stripe-objects.ts";
import type { Scenario } from "../scenario.ts";
import type { Stand } from "../stand.ts";
import { POISON } from "../verdict.ts";

const POISONS = 8;
const TURN_MS = 5_000;

/** Nothing that a gateway says is known to break a sync, so the database is made to. */
const REFUSES = `
  create function refuse_poison() returns trigger language plpgsql as
    $$ begin raise exception 'poison'; end $$;
  create trigger refuse_poison before insert on subscriptions for each row
    when (new.ref like 'sub_poison%') execute function refuse_poison()`;

export const poison: Scenario = {
  name: "poison",
  about: `${POISONS} objects whose syncs fail each time, for a reason that is ours, beside good ones.`,
  shape: { perSecond: 100, settings: [REFUSES] },
  async run(stand) {
    const { sql, sender } = stand;
    await pause(1_000);
    const before = await appliedIn(stand, TURN_MS);
    for (let n = 0; n < POISONS; n++) await sender.deliver(poisonous(stand, n));
    const beside = await appliedIn(stand, TURN_MS);
    const faults = (await tried(sql)) ? [] : ["the poison did not work"];
    const share = (beside / before).toFixed(2);
    return { did: `${POISONS} objects; others at ${share} of their rate`, faults };
  },
};

/** Whether each of them failed; behind a backlog it takes a while until their turn comes. */
async function tried(sql: Stand["sql"]): Promise<boolean> {
  for (let tries = 0; tries < 60; tries++) {
    const [row] = await sql<{ tried: number }[]>`
      select count(*)::int as tried from gateway_objects
      where ref like ${POISON} and attempts > 0`;
    if (row?.tried === POISONS) return true;
    await pause(500);
  }
  return false;
}

async function appliedIn({ sql }: Stand, ms: number): Promise<number> {
  const count = async () => {
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int from webhook_events where status = 'processed'`;
    return row?.count ?? 0;
  };
  const before = await count();
  await pause(ms);
  return (await count()) - before;
}

function poisonous({ story }: Stand, n: number) {
  const organization = n % story.organizations;
  const names = { id: `sub_poison_${n}`, customer: `cus_${organization}` };
  const one = subscriptionItem({ price: price({ id: "price_pro" }) });
  const items = { object: "list", data: [one], has_more: false };
  const object = subscription({ ...names, items, latest_invoice: null, status: "incomplete" });
  const id = `evt_poison_${n}`;
  const body = bodyOf(event("customer.subscription.updated", object, { id }));
  return { id, organization, body, object };
}
