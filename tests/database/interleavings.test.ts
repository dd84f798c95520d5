import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { claimObjects } from "#lib/inbox/objects.ts";
import { syncClaimed } from "#lib/inbox/sync.ts";
import {
  deliver,
  makeOrganization,
  prepareBilling,
  settle,
  syncRef,
  tierOf,
} from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { fetchFromStub } from "#tests/support/fetching.ts";
import {
  customer,
  event,
  invoice,
  price,
  type StripeObject,
  subscription,
  subscriptionItem,
} from "#tests/support/stripe-objects.ts";

/*
 * Every sync is cut into its steps (the gateway is asked, its answer is decided, its answer arrives and
 * is applied), and the scheduler says whose step is next: another sync's, a change at the gateway, or a
 * delivery. A step begins only when all others stand still, so that a failure repeats with its seed;
 * so no two transactions overlap here: what their locks are for, other tests show.
 */

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);
const stub = await fetchFromStub();
stub.set(price({ id: "price_pro" }), price({ id: "price_business" }));

afterEach(() => stub.hold(undefined));

const KINDS = ["subscription", "other subscription", "invoice", "customer"] as const;
type Kind = (typeof KINDS)[number];
type Plan = "price_pro" | "price_business" | "canceled";

/** Few objects at a time, so that they get into each other's way. */
const deeds = fc.subarray([...KINDS], { minLength: 1, maxLength: 2 }).chain((kinds) => {
  const of = fc.constantFrom(...kinds);
  const to = fc.constantFrom<Plan>("price_pro", "price_business", "canceled");
  return fc.record({
    changes: fc.array(fc.record({ of, to, deliveries: fc.integer({ min: 1, max: 2 }) }), {
      minLength: 2,
      maxLength: 5,
    }),
    /** Syncs that no delivery asked for: of an object, as after a command, or of what a worker claims. */
    looks: fc.array(fc.oneof({ weight: 3, arbitrary: of }, fc.constant("claimed" as const)), {
      minLength: 1,
      maxLength: 4,
    }),
    /** For how many turns of others an answer is on its way, by request: some are very late. */
    delays: fc.infiniteStream(fc.constantFrom(0, 0, 6, 12)),
  });
});

let run = 0;
/** How many are on their way, neither ended nor waiting for their turn. */
let busy = 0;
let check: () => Promise<void> = async () => {};

const scheduler = fc.scheduler({
  act: async (step) => {
    await stillness();
    await check();
    await step();
  },
});

test("however the steps of syncs fall between changes and rings, the gateway's truth is reached", async () => {
  await fc.assert(
    fc.asyncProperty(scheduler, deeds, async (turns, { changes, looks, delays }) => {
      run += 1;
      const world = await begin(`w${run}`);
      const wait = async (what: string) => {
        busy -= 1;
        await turns.schedule(Promise.resolve(), what);
        busy += 1;
      };
      const act = async (work: () => Promise<unknown>) => {
        busy += 1;
        await work().finally(() => {
          busy -= 1;
        });
      };
      check = () => nothingIsAnsweredUnseen(world.prefix);
      stub.hold(async ({ path }, moment) => {
        const late = moment === "decided" ? (delays.next().value ?? 0) : 0;
        for (let turn = 0; turn <= late; turn++) await wait(`${moment} ${path}`);
      });

      const changing = changes.map(({ of, to, deliveries }) =>
        act(async () => {
          await wait(`change ${of}`);
          const told = world.change(of, to);
          await Promise.all(
            Array.from({ length: deliveries }, (_, n) =>
              act(async () => {
                await wait(`deliver ${told.id} (${n})`);
                await deliver(told);
                // As a worker that was woken by it would.
                await wait(`answer ${told.id} (${n})`);
                await syncRef(sql, ...world.nameOf(of));
              }),
            ).concat(leave()),
          );
          busy += 1;
        }),
      );
      const looking = looks.map((of) =>
        act(async () => {
          await wait(`look at ${of}`);
          if (of !== "claimed") return syncRef(sql, ...world.nameOf(of));
          const [object] = await claimObjects(1);
          return object && syncClaimed(object);
        }),
      );
      await turns.waitFor(Promise.all([...changing, ...looking]));
      await check();
      stub.hold(undefined);
      await settle(sql);

      expect(await heldOf(world.prefix)).toEqual(world.truth());
      expect(await tierOf(sql, `org_${world.prefix}`)).toBe(world.tierDue());
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 18), endOnFailure: true },
  );
}, 600_000);

/** Who only waits for others is not on the way. */
async function leave(): Promise<void> {
  busy -= 1;
}

async function stillness(): Promise<void> {
  do await pause(1);
  while (busy > 0);
}

/** An organization with two subscriptions, known here and at the gateway, each at its first version. */
async function begin(prefix: string) {
  await makeOrganization(sql, `org_${prefix}`);
  await sql`insert into customers (id, gateway, mode, ref, organization_id, link_source)
    values (${`cus_${prefix}`}, 'stripe', 'test', ${`cus_${prefix}`}, ${`org_${prefix}`}, 'administrator')`;
  const versions = new Map<Kind, number>();
  const plans = new Map<Kind, Plan>();

  const change = (of: Kind, to: Plan) => {
    const version = (versions.get(of) ?? 0) + 1;
    versions.set(of, version);
    plans.set(of, to);
    const object = describe(prefix, of, version, to);
    stub.set(object);
    return event(TOLD_BY[of], object, { id: `evt_${prefix}_${refOf(prefix, of)}_${version}` });
  };
  for (const of of KINDS) await deliver(change(of, "price_pro"));
  await settle(sql);
  return {
    prefix,
    change,
    nameOf: (of: Kind): [string, string] => [typeOf(of), refOf(prefix, of)],
    truth: () =>
      KINDS.map((of) => ({ ref: refOf(prefix, of), version: versions.get(of) })).sort((a, b) =>
        a.ref < b.ref ? -1 : 1,
      ),
    tierDue: () => {
      const due = [plans.get("subscription"), plans.get("other subscription")];
      if (due.includes("price_business")) return "business";
      return due.includes("price_pro") ? "pro" : "free";
    },
  };
}

const TOLD_BY: Readonly<Record<Kind, string>> = {
  subscription: "customer.subscription.updated",
  "other subscription": "customer.subscription.updated",
  invoice: "invoice.updated",
  customer: "customer.updated",
};

function typeOf(of: Kind): string {
  return of === "other subscription" ? "subscription" : of;
}

function refOf(prefix: string, of: Kind): string {
  const names = { subscription: "sub_a", "other subscription": "sub_b", invoice: "in" };
  return of === "customer" ? `cus_${prefix}` : `${names[of]}_${prefix}`;
}

/** Each object has a member that is mirrored and that counts its changes. */
function describe(prefix: string, of: Kind, version: number, to: Plan): StripeObject {
  const id = refOf(prefix, of);
  const buyer = `cus_${prefix}`;
  if (of === "customer") return customer({ id, name: String(version) });
  if (of === "invoice") {
    return invoice({ id, customer: buyer, attempt_count: version, lines: NO_LINES, parent: null });
  }
  const item = subscriptionItem({
    id: `si_${id}`,
    subscription: id,
    quantity: version,
    price: price({ id: to === "canceled" ? "price_pro" : to }),
  });
  return subscription({
    id,
    customer: buyer,
    status: to === "canceled" ? "canceled" : "active",
    latest_invoice: null,
    items: { object: "list", has_more: false, data: [item] },
  });
}

const NO_LINES = { object: "list", has_more: false, data: [] };

async function heldOf(prefix: string): Promise<{ ref: string; version: number }[]> {
  const rows = await sql<{ ref: string; version: number }[]>`
    select ref, version from (
      select ref, quantity as version from subscriptions
      union all select ref, attempt_count from invoices
      union all select ref, name::int from customers) held
    where ref like ${`%\\_${prefix}`} order by ref collate "C"`;
  return [...rows];
}

/** What a sync answered, it has seen: the row is never older than an event whose ring counts as answered. */
async function nothingIsAnsweredUnseen(prefix: string): Promise<void> {
  const held = new Map((await heldOf(prefix)).map(({ ref, version }) => [ref, version]));
  const answered = await sql<{ ref: string; version: number }[]>`
    select o.ref, max(substring(e.event_ref from '[0-9]+$')::int) as version
    from gateway_objects o join webhook_events e on e.object_id = o.id and e.ring <= o.synced_rung
    where o.ref like ${`%\\_${prefix}`} group by o.ref`;
  for (const { ref, version } of answered) expect(held.get(ref)).toBeGreaterThanOrEqual(version);
}
