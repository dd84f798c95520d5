import { db, type Sql } from "#db/client.ts";
import { goOnReading, readCatalogue } from "#lib/billing/selling/reading.ts";
import { findImport, findSelling, markets } from "#lib/billing/selling/views.ts";
import { pricesOfPlan } from "#lib/catalogue/mirror-views.ts";
import { createPlan, type PlanInput } from "#lib/catalogue/plan-commands.ts";
import { syncNow } from "#lib/inbox/commands.ts";
import { settle } from "./billing.ts";
import type { Box } from "./sandbox.ts";
import { ada } from "./settings.ts";

/** Where these tests sell. */
export const place = { gateway: "stripe", mode: "test" } as const;

export const monthly = { currency: "EUR", amountMinor: 29_00, interval: "month" } as const;
export const yearly = { currency: "EUR", amountMinor: 290_00, interval: "year" } as const;

let plans = 0;

/** A plan that is sold here only: by the month and by the year. */
export async function planHere(
  more: Partial<PlanInput> = {},
): Promise<{ id: string; code: string }> {
  plans += 1;
  const code = `plan${plans}`;
  const terms = { code, name: `Plan ${plans}`, tierId: "tir_pro", prices: [monthly, yearly] };
  const { id } = await createPlan(ada, { ...terms, ...more });
  return { id, code: more.code ?? code };
}

/** How a plan stands at the sandbox, as its page shows it. */
export async function sellingOf(planId: string) {
  const [market] = await markets(ada, "test");
  if (!market) throw new Error("There is no gateway.");
  return findSelling(ada, market, planId);
}

export async function aboutPlan(planId: string) {
  const { revision } = await sellingOf(planId);
  return { ...place, planId, revision };
}

/** What an import would do, as its page shows it. */
export async function importShown() {
  const [market] = await markets(ada, "test");
  if (!market) throw new Error("There is no gateway.");
  return findImport(ada, market);
}

/** Reads the whole catalogue as the job does, and lets the workers look at what differed. */
export async function readAll(sql: Sql): Promise<void> {
  await readCatalogue(ada, place);
  await goOnReading(place);
  await settle(sql);
}

/** Sees everything of a plan at the gateway as it is there now. */
export async function lookAtPlan(planId: string): Promise<void> {
  const rows = await pricesOfPlan(db(), place, planId);
  const refs = rows.flatMap(({ ref, productRef }) => [
    { type: "price" as const, ref },
    ...(productRef ? [{ type: "product" as const, ref: productRef }] : []),
  ]);
  await syncNow({ ...place, refs });
}

/** What the sandbox sells of a plan: by the code in the metadata. */
export function soldAt(box: Box, code: string) {
  const products = box.world
    .all("product")
    .filter(({ metadata }) => metadata.billhook_plan === code);
  const prices = box.world.all("price").filter(({ metadata }) => metadata.billhook_plan === code);
  return {
    products: products.map(({ name, active }) => ({ name, active })),
    prices: prices
      .map(({ lookup_key, unit_amount, currency, recurring, active }) =>
        [lookup_key, unit_amount, currency, recurring?.interval, active ? "on sale" : "off"].join(
          " ",
        ),
      )
      .sort(),
  };
}
