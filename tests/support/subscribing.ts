import type { Sql } from "#db/client.ts";
import type { Member } from "#lib/actor.ts";
import { pageOf } from "#lib/billing/asking/answer.ts";
import { startSubscription } from "#lib/billing/subscribing/commands.ts";
import { findChoice } from "#lib/billing/subscribing/views.ts";
import { newId } from "#lib/ids.ts";
import { person } from "./commanding.ts";
import type { Box } from "./sandbox.ts";
import { checkoutOf } from "./sandbox-checkout.ts";
import type { Fate } from "./wire-tap.ts";

/** An organization that has nothing yet, and its owner. */
export type Newcomer = { readonly organizationId: string; readonly owner: Member };

export async function newcomer(sql: Sql): Promise<Newcomer> {
  const organizationId = newId("org");
  await sql`insert into organizations (id, name, slug, tier_id)
    values (${organizationId}, 'Acme', ${organizationId.slice(4)}, 'tir_free')`;
  return { organizationId, owner: await person(sql, organizationId, "owner") };
}

/** Puts what gateway prices cost into the catalogue, as an administrator does; answers plans by price. */
export async function askInCatalogue(sql: Sql): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ ref: string; planId: string }[]>`
    select ref, plan_id as "planId" from gateway_prices where amount_minor is not null`;
  for (const { ref } of rows) {
    await sql`insert into prices (id, plan_id, currency, amount_minor, interval)
      select ${newId("prc")}, plan_id, currency, amount_minor, interval from gateway_prices
      where ref = ${ref} on conflict do nothing`;
  }
  return new Map(rows.map(({ ref, planId }) => [ref, planId]));
}

export type Wanted = {
  planId: string;
  currency?: string;
  interval?: "month" | "year";
  quantity?: number;
};

/** What somebody does in two steps: looks at the page, and then presses its button. */
export async function shown({ owner, organizationId }: Newcomer, wanted: Wanted) {
  const wish = { currency: "EUR", interval: "month", quantity: 1, ...wanted } as const;
  const { revision } = await findChoice(owner, { organizationId, ...wish });
  return { organizationId, ...wish, revision };
}

export async function subscribes(who: Newcomer, wanted: Wanted) {
  return startSubscription(who.owner, await shown(who, wanted));
}

/** Pays on the page that a command opened, as its browser would. */
export async function paysOn(
  box: Box,
  command: { answer: Record<string, unknown> | null },
  card?: string,
): Promise<void> {
  const { location, text } = await checkoutOf(box).pay({ id: refOf(command) }, card);
  if (!location) throw new Error(`The page was not left: ${text.slice(0, 500)}`);
}

export function refOf(command: { answer: Record<string, unknown> | null }): string {
  const { ref } = pageOf(command) ?? {};
  if (!ref) throw new Error("The command opened no page.");
  return ref;
}

/** The pages at the gateway that an organization can pay on. */
export async function openAt(box: Box, { organizationId }: Newcomer): Promise<string[]> {
  const { data } = await box.stripe.checkout.sessions.list({ limit: 100 });
  return data
    .filter(
      ({ client_reference_id: whose, status }) => whose === organizationId && status === "open",
    )
    .map(({ id }) => id);
}

/** The subscriptions at the gateway that an organization pays for, or will. */
export async function livingAt(box: Box, { organizationId }: Newcomer): Promise<string[]> {
  const { data } = await box.stripe.subscriptions.list({ limit: 100, status: "all" });
  return data
    .filter(
      ({ metadata, status }) =>
        metadata.organization_id === organizationId && status !== "canceled",
    )
    .map(({ id }) => id);
}

/** How the calls are known by which a page to pay on is closed, and opened. */
export const EXPIRE = /^\/v1\/checkout\/sessions\/\w+\/expire$/;
export const OPEN = /^\/v1\/checkout\/sessions$/;

const STEPS = [
  ["the customer is made", /^\/v1\/customers$/],
  ["the page before is closed", EXPIRE],
  ["the page is opened", OPEN],
] as const;
const CUTS = [
  "cut before",
  "cut after",
  { status: 500, body: { error: { type: "api_error" } } },
] as const satisfies readonly Fate[];

/** Every way in which the network may end on the way to a page: at which call, and how. */
export const PAGE_CUTS = STEPS.flatMap(([name, path]) =>
  CUTS.map((cut) => [name, cut, path] as const),
);
