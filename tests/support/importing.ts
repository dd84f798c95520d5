import { setTimeout as delay } from "node:timers/promises";
import type { Sql } from "#db/client.ts";
import { startImport } from "#lib/imports/commands.ts";
import { type ImportView, listLeft, newestImport } from "#lib/imports/views.ts";
import { advance } from "#lib/imports/walk.ts";
import { startSyncing } from "#lib/worker/run.ts";
import type { Box } from "./sandbox.ts";
import { ada } from "./settings.ts";

export const PLACE = { gateway: "stripe", mode: "test" } as const;

export function start(makesOrganizations = false): Promise<string> {
  return startImport(ada, { ...PLACE, makesOrganizations });
}

/** Lets an import go on, with workers beside it, until it is over or paused. */
export async function walk(importId: string, eachStep?: () => Promise<unknown>): Promise<void> {
  const syncing = startSyncing(4);
  const end = Date.now() + 100_000;
  try {
    for (;;) {
      const next = await advance(importId, AbortSignal.timeout(30_000));
      await eachStep?.();
      if (next === "over") return;
      if (Date.now() > end) throw new Error("The import does not come to its end.");
      syncing.wake();
      await delay(Math.min(next.waitMs, 20));
    }
  } finally {
    await syncing.stop();
  }
}

/** A whole import, from its start to its report. */
export async function imported(makesOrganizations = false): Promise<ImportView> {
  await walk(await start(makesOrganizations));
  return seen();
}

export async function seen(): Promise<ImportView> {
  const view = await newestImport(ada, PLACE);
  if (!view) throw new Error("There was no import.");
  return view;
}

/** The report: why each customer that is left was not matched. */
export async function reasons(): Promise<Record<string, string>> {
  const { rows } = await listLeft(ada, await seen(), { limit: 200 });
  return Object.fromEntries(rows.map(({ ref, because }) => [ref, because]));
}

/** A customer who has a subscription in trial: it entitles, and needs no card. */
export async function living(
  box: Box,
  price: string,
  about: {
    email?: string;
    name?: string;
    metadata?: Record<string, string>;
    told?: Record<string, string>;
  } = {},
): Promise<string> {
  const { told, ...customer } = about;
  const { id } = await box.stripe.customers.create(customer);
  await box.stripe.subscriptions.create({
    customer: id,
    items: [{ price }],
    trial_period_days: 30,
    ...(told && { metadata: told }),
  });
  return id;
}

/** Whose a customer is, and how that came. */
export async function linkOf(sql: Sql, ref: string) {
  const [row] = await sql<{ whose: string | null; how: string | null }[]>`
    select organization_id as whose, link_source as how from customers where ref = ${ref}`;
  return row;
}

/** The places where the gateway's list of customers was asked to go on, in order. */
export function placesAsked(box: Box, list = "customers"): (string | null)[] {
  return box.calls
    .all()
    .filter(({ method, address }) => method === "GET" && address === `/v1/${list}`)
    .map(({ query }) => new URLSearchParams(query).get("starting_after"));
}
