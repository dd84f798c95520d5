import type { Sql } from "#db/client.ts";
import { createAdministrator } from "#lib/identity/administrators/commands.ts";
import { ask, openSession } from "#tests/browser/asking.ts";
import {
  BEGINNING,
  bodyOf,
  event,
  signed,
  subscription,
  subscriptionItem,
} from "#tests/support/stripe-objects.ts";
import { openWire, requestOf } from "../wire.ts";

/** Events to an organization: its subscription moves so often. */
const EACH = 50;
const CONNECTIONS = 64;
const PERSON = { id: "usr_bench", email: "ada@example.test", password: "only-for-this-run-1" };
const PAGES = [
  "/",
  "/admin",
  "/admin/webhooks",
  "/admin/webhooks?type=invoice.paid&status=processed",
  "/admin/webhooks?verdict=refused",
  "/admin/organizations",
  "/admin/subscriptions",
  "/admin/payments",
  "/admin/customers",
  "/admin/plans",
  "/admin/objects",
  "/admin/jobs",
  "/admin/alerts",
  "/admin/audit",
  "/admin/settings",
];

/** So many that each has fifty of these events. */
export function organizationsFor(events: number): number {
  return events / EACH;
}

/** Organizations with a customer each that is linked to them. */
export async function makeOwners(sql: Sql, count: number): Promise<void> {
  await sql`
    insert into organizations (id, name, slug, tier_id)
    select 'org_' || n, 'Organization ' || n, 'org-' || n, 'tir_free'
    from generate_series(0, ${count - 1}) n`;
  await sql`
    insert into customers (id, gateway, mode, ref, organization_id, link_source, linked_at)
    select 'cus_' || n, 'stripe', 'test', 'cus_' || n, 'org_' || n, 'checkout', now()
    from generate_series(0, ${count - 1}) n`;
}

/** Signs an administrator in and opens each kind of page once, as somebody does who has just installed it. */
export async function visitPages(port: number): Promise<void> {
  const operator = {
    kind: "operator" as const,
    label: "bench",
    origin: { ip: null, userAgent: null },
  };
  await createAdministrator(operator, {
    email: PERSON.email,
    password: PERSON.password,
    name: "Ada",
  });
  const url = `http://127.0.0.1:${port}`;
  await ask(`${url}/sign-in`);
  const cookie = await openSession(url, PERSON);
  for (const page of PAGES) {
    const { status, body } = await ask(`${url}${page}`, { headers: { cookie } });
    if (status !== 200 && status !== 307)
      throw new Error(`${page} was answered ${status}: ${body.slice(0, 200)}`);
  }
}

/**
 * Posts so many signed events, from one place in all of them to another, and waits for their answers.
 * Each moves the next organization's subscription to the other plan, so that its tier changes.
 */
export async function postEvents(
  port: number,
  owners: number,
  from: number,
  until: number,
): Promise<void> {
  const address = { port, path: "/api/webhooks/stripe", run: "footprint" };
  let next = from;
  const post = () =>
    new Promise<void>((resolve, reject) => {
      const send = () => {
        if (next >= until) return wire.end();
        const body = movedAt(next++, owners);
        wire.send(requestOf(address, body.toString(), `Stripe-Signature: ${signed(body)}\r\n`));
      };
      const wire = openWire(port, {
        ready: send,
        answered: (status) => {
          if (status === "200") return send();
          reject(new Error(`An event was answered ${status}.`));
          wire.end();
        },
        closed: resolve,
        failed: reject,
      });
    });
  await Promise.all(Array.from({ length: CONNECTIONS }, post));
}

/** The tier that everybody has once so many events are applied. */
export function tierAfter(events: number, owners: number): string {
  return planAt(events / owners - 1);
}

function planAt(turn: number): string {
  return turn % 2 === 0 ? "pro" : "business";
}

function movedAt(place: number, owners: number): Buffer {
  const [owner, turn] = [place % owners, Math.floor(place / owners)];
  const items = {
    object: "list",
    data: [subscriptionItem({ price: { id: `price_${planAt(turn)}` } })],
    has_more: false,
  };
  const moved = subscription({ id: `sub_${owner}`, customer: `cus_${owner}`, items });
  return bodyOf(
    event("customer.subscription.updated", moved, {
      id: `evt_footprint_${place}`,
      created: BEGINNING + turn,
    }),
  );
}
