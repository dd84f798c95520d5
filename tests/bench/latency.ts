import type { Sql } from "#db/client.ts";
import { makeOrganization } from "#tests/support/billing.ts";
import { doorAt, signedEvent } from "#tests/support/door.ts";
import {
  BEGINNING,
  checkoutSession,
  event,
  subscription,
  subscriptionItem,
} from "#tests/support/stripe-objects.ts";

const EVENTS = 60;
const PAUSE_MS = 150;

/** From the first byte sent to the changed tier seen in the database, one event at a time. */
export async function measureLatency(sql: Sql, port: number): Promise<number[]> {
  const door = doorAt(port);
  await makeOrganization(sql, "org_bench");
  const names = { customer: "cus_latency", subscription: "sub_latency" };
  const checkout = checkoutSession({ ...names, client_reference_id: "org_bench" });
  await door.send(signedEvent(event("checkout.session.completed", checkout)));

  const times: number[] = [];
  for (let turn = 0; turn < EVENTS; turn++) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const before = await changes(sql);
    const price = turn % 2 === 0 ? "price_pro" : "price_business";
    const items = { object: "list", data: [subscriptionItem({ price: { id: price } })] };
    const moved = subscription({ id: names.subscription, customer: names.customer, items });
    const told = event("customer.subscription.updated", moved, { created: BEGINNING + turn });
    const request = signedEvent(told);

    const began = performance.now();
    const { status } = await door.send(request);
    if (status !== 200) throw new Error(`The event was answered ${status}.`);
    while ((await changes(sql)) === before) {
      if (performance.now() - began > 10_000) throw new Error("The tier never moved.");
    }
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b);
}

async function changes(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from tier_changes where organization_id = 'org_bench'`;
  return row?.count ?? 0;
}
