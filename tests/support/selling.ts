import { db, type Sql } from "#db/client.ts";
import { goOnReading, readCatalogue } from "#lib/billing/selling/reading.ts";
import { findImport, findSelling, markets } from "#lib/billing/selling/views.ts";
import { pricesOf } from "#lib/catalogue/mirror-views.ts";
import { createPlan, type PlanInput } from "#lib/catalogue/plan-commands.ts";
import { createProduct, type ProductInput } from "#lib/catalogue/product-commands.ts";
import { syncNow } from "#lib/inbox/commands.ts";
import { settle } from "./billing.ts";
import type { Box } from "./sandbox.ts";
import { ada } from "./settings.ts";

/** Where these tests sell. */
export const place = { gateway: "stripe", mode: "test" } as const;

export const monthly = { currency: "EUR", amountMinor: 29_00, interval: "month" } as const;
export const yearly = { currency: "EUR", amountMinor: 290_00, interval: "year" } as const;

let made = 0;

/** A plan that is sold here only: by the month and by the year. */
export async function planHere(
  more: Partial<PlanInput> = {},
): Promise<{ id: string; code: string }> {
  made += 1;
  const code = `plan${made}`;
  const terms = { code, name: `Plan ${made}`, tierId: "tir_pro", prices: [monthly, yearly] };
  const { id } = await createPlan(ada, { ...terms, ...more });
  return { id, code: more.code ?? code };
}

export const tenner = { currency: "EUR", amountMinor: 10_00 } as const;

/** A one-time product that is sold here only, in two currencies. */
export async function productHere(
  more: Partial<ProductInput> = {},
): Promise<{ id: string; code: string }> {
  made += 1;
  const code = `pack${made}`;
  const prices = [tenner, { currency: "USD", amountMinor: 12_00 }];
  const { id } = await createProduct(ada, { code, name: `Pack ${made}`, prices, ...more });
  return { id, code: more.code ?? code };
}

/** How a plan or a product stands at the sandbox, as its page shows it. */
export async function sellingOf(soldId: string) {
  const [market] = await markets(ada, "test");
  if (!market) throw new Error("There is no gateway.");
  return findSelling(ada, market, soldId);
}

/** What differs, in short. */
export async function differencesOf(soldId: string): Promise<string[]> {
  return (await sellingOf(soldId)).differences.map(({ what, here, there }) =>
    [what, here, there].join(" | "),
  );
}

export async function about(soldId: string) {
  const { revision } = await sellingOf(soldId);
  return { ...place, soldId, revision };
}

/** What an import would do, as its page shows it. */
export async function importShown(page?: number) {
  const [market] = await markets(ada, "test");
  if (!market) throw new Error("There is no gateway.");
  return findImport(ada, market, page);
}

/** Reads the whole catalogue as the job does, and lets the workers look at what differed. */
export async function readAll(sql: Sql): Promise<void> {
  await readCatalogue(ada, place);
  await goOnReading(place);
  await settle(sql);
}

/** Sees everything of a plan or a product at the gateway as it is there now. */
export async function lookAt(soldId: string): Promise<void> {
  const rows = await pricesOf(db(), place, soldId);
  const refs = rows.flatMap(({ ref, productRef }) => [
    { type: "price" as const, ref },
    ...(productRef ? [{ type: "product" as const, ref: productRef }] : []),
  ]);
  await syncNow({ ...place, refs });
}

/** What the sandbox sells of a plan or a product: by the code in the metadata. */
export function soldAt(box: Box, code: string, key = "billhook_plan") {
  const isOf = ({ metadata }: { metadata: Record<string, string> }) => metadata[key] === code;
  const products = box.world.all("product").filter(isOf);
  const prices = box.world.all("price").filter(isOf);
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
