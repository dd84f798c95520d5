import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { gatewayPrices, plans, prices } from "#db/schema/index.ts";
import {
  importOf,
  type KnownPlan,
  type Left,
  type Proposal,
} from "../../catalogue/import-rules.ts";
import type { Place } from "../../catalogue/made-store.ts";
import { pricesInNone } from "../../catalogue/mirror-views.ts";
import { revisionOf } from "../asking/intention.ts";

/** What would be done for one plan, with the fingerprint of all that it is made of. */
export type SeenProposal = Proposal & { readonly seen: string };

export type ImportNow = {
  readonly proposals: readonly SeenProposal[];
  readonly left: readonly Left[];
  /** There are more prices in no plan than are looked at at a time. */
  readonly more: boolean;
};

/** What an import would do now. */
export async function importNow(tx: Tx, place: Place): Promise<ImportNow> {
  const { rows, more } = await pricesInNone(tx, place);
  const { proposals, left } = importOf(rows, await knownPlans(tx));
  return {
    proposals: proposals.map((proposal) => ({ ...proposal, seen: fingerprintOf(proposal) })),
    left,
    more,
  };
}

function fingerprintOf({ code, planId, name, links }: Proposal): string {
  const shown = links.map(({ ref, words, adds, note }) => ({ ref, words, adds, note }));
  return revisionOf({ code, planId, name, links: shown }, 0);
}

async function knownPlans(tx: Tx): Promise<KnownPlan[]> {
  const [planRows, priceRows] = [
    await tx.select().from(plans).orderBy(plans.id),
    await tx.select().from(prices).where(isNull(prices.archivedAt)),
  ];
  return planRows.map(({ id, code, name, archivedAt }) => ({
    id,
    code,
    name,
    isArchived: archivedAt !== null,
    prices: priceRows.filter(({ planId }) => planId === id),
  }));
}

/** Nobody else moves these prices until the end; locked in one order, as every sync does. */
export async function holdPrices(
  tx: Tx,
  { gateway, mode }: Place,
  refs: readonly string[],
): Promise<void> {
  await tx.execute(sql`
    select from gateway_prices
    where gateway = ${gateway} and mode = ${mode} and ref = any(${sql.param([...refs])}::text[])
    order by ref for update`);
}

/** Puts prices into a plan. One that is in another already stays there. */
export async function linkPrices(
  tx: Tx,
  { gateway, mode }: Place,
  refs: readonly string[],
  planId: string,
): Promise<void> {
  await tx
    .update(gatewayPrices)
    .set({ planId, mappedAt: new Date() })
    .where(
      and(
        eq(gatewayPrices.gateway, gateway),
        eq(gatewayPrices.mode, mode),
        inArray(gatewayPrices.ref, [...refs]),
        isNull(gatewayPrices.planId),
        isNull(gatewayPrices.productId),
      ),
    );
}
