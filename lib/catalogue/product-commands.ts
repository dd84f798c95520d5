import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { Administrator } from "../actor.ts";
import { recordDeed } from "../audit/store.ts";
import { AppError } from "../errors.ts";
import { newId } from "../ids.ts";
import { checked, line, prose, refusedField } from "../input.ts";
import { formatMoney } from "../money.ts";
import { refuseUnseen } from "../seen.ts";
import { code, currency } from "./commands.ts";
import {
  insertProduct,
  lockGatewayPrice,
  lockProduct,
  type ProductPriceTerms,
  type ProductRow,
  productPricesOnSale,
  productWithCode,
  replaceProductPrices,
  sellWith,
  updateProduct,
} from "./product-store.ts";
import { productShown } from "./shown-rules.ts";

const price = z.object({
  currency,
  amountMinor: z
    .number("Give an amount.")
    .int("Give an amount.")
    .min(1, "Give more than nothing.")
    // As many as one order may be for must come to a whole number that JavaScript holds exactly.
    .max(1e12, "This is too much."),
});

const product = z.object({
  code,
  name: line("a name", 80),
  description: prose(500).default(""),
  quantityMax: z
    .number("Give a whole number.")
    .int("Give a whole number.")
    .min(1, "Give 1 or more.")
    .max(1_000, "Give 1,000 or less.")
    .default(1),
  prices: z.array(price).max(50, "A product can have 50 prices.").default([]),
});

export type ProductInput = z.input<typeof product>;

/** Makes a one-time product with its prices. */
export async function createProduct(
  actor: Administrator,
  input: ProductInput,
): Promise<{ id: string }> {
  const { prices, ...terms } = checked(product, input);
  refuseRepeated(prices);
  return db().transaction(async (tx) => {
    const row = { ...terms, id: newId("prd"), archivedAt: null };
    await refuseTakenCode(tx, row);
    await insertProduct(tx, row);
    await replaceProductPrices(tx, row.id, prices);
    const after = { ...terms, prices: inWords(prices) };
    await recordDeed(tx, actor, { action: "product.create", subject: row.id, after });
    return { id: row.id };
  });
}

/** Changes a one-time product. What was ordered before stays what it was. */
export async function editProduct(
  actor: Administrator,
  input: ProductInput & { productId: string; seen?: string },
): Promise<void> {
  const edited = product.extend({ productId: z.string(), seen: z.string().max(64).optional() });
  const { productId, seen, prices, ...terms } = checked(edited, input);
  refuseRepeated(prices);
  await changeProduct(productId, async (tx, held) => {
    const row = { ...held, ...terms };
    const asked = await productPricesOnSale(tx, productId);
    refuseUnseen(seen, productShown(held, asked), productShown(row, prices));
    await refuseTakenCode(tx, row);
    await updateProduct(tx, row);
    await replaceProductPrices(tx, productId, prices);
    await recordDeed(tx, actor, {
      action: "product.edit",
      subject: productId,
      before: { ...held, prices: inWords(asked) },
      after: { ...row, prices: inWords(prices) },
    });
  });
}

/** Takes a product off sale, or puts it on sale again. Orders keep what they are. */
export async function setProductArchived(
  actor: Administrator,
  input: { productId: string; isArchived: boolean },
): Promise<void> {
  const { productId, isArchived } = input;
  await changeProduct(productId, async (tx, held) => {
    if (Boolean(held.archivedAt) === isArchived) return;
    const archivedAt = isArchived ? new Date() : null;
    await updateProduct(tx, { ...held, archivedAt });
    await recordDeed(tx, actor, {
      action: isArchived ? "product.archive" : "product.unarchive",
      subject: productId,
      before: { archivedAt: held.archivedAt },
      after: { code: held.code, archivedAt },
    });
  });
}

const mapping = z.object({
  gateway: z.string().min(1).max(64),
  mode: z.enum(["test", "live"]),
  priceRef: z.string().min(1, "Choose a price.").max(255),
  productId: z.string(),
  /** False: it sells the product no more. */
  isSold: z.boolean(),
});

/** Says that a gateway price sells a product; only one without a period can. */
export async function sellProductWith(
  actor: Administrator,
  input: z.input<typeof mapping>,
): Promise<void> {
  const { productId, priceRef: ref, isSold, gateway, mode } = checked(mapping, input);
  const name = { gateway, mode, ref };
  await changeProduct(productId, async (tx, held) => {
    const found = await lockGatewayPrice(tx, name);
    if (!found) throw new AppError("not_found", "There is no such price.");
    if (isSold && found.productId !== productId) {
      refuseOther(found);
      await sellWith(tx, name, productId);
    } else if (!isSold && found.productId === productId) {
      await sellWith(tx, name, null);
    } else return;
    await recordDeed(tx, actor, {
      action: "product.map",
      subject: ref,
      before: { product: isSold ? null : held.code },
      after: { product: isSold ? held.code : null },
    });
  });
}

function refuseOther(found: {
  readonly planId: string | null;
  readonly productId: string | null;
  readonly interval: string | null;
}): void {
  if (found.planId || found.productId) {
    throw refusedField("priceRef", "This price sells something else already.", "conflict");
  }
  if (found.interval) {
    throw refusedField("priceRef", "This price renews, so it sells a plan.", "conflict");
  }
}

async function changeProduct(
  id: string,
  change: (tx: Tx, held: ProductRow) => Promise<void>,
): Promise<void> {
  await db().transaction(async (tx) => {
    const held = /^prd_\w+$/.test(id) ? await lockProduct(tx, id) : undefined;
    if (!held) throw new AppError("not_found", "There is no such product.");
    await change(tx, held);
  });
}

async function refuseTakenCode(tx: Tx, row: ProductRow): Promise<void> {
  const other = await productWithCode(tx, row.code);
  if (!other || other.id === row.id) return;
  throw refusedField("code", `${other.name} has this code already.`, "conflict");
}

function refuseRepeated(prices: readonly ProductPriceTerms[]): void {
  const codes = prices.map(({ currency }) => currency);
  const repeated = codes.findIndex((currency, place) => codes.indexOf(currency) < place);
  if (repeated < 0) return;
  throw refusedField(
    `prices.${repeated}.amount`,
    "There is such a price already: one per currency.",
  );
}

function inWords(prices: readonly ProductPriceTerms[]): string[] {
  return prices.map((each) => formatMoney(each));
}
