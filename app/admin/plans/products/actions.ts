"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import {
  createProduct,
  editProduct,
  type ProductInput,
  sellProductWith,
  setProductArchived,
} from "#lib/catalogue/product-commands.ts";
import { amountOf } from "#lib/catalogue/rules.ts";
import { AppError } from "#lib/errors.ts";
import { type Row, rowsOf, sayingRows } from "../_parts/rows.ts";

const PRODUCTS = "/admin/plans/products";

export async function saveProduct(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { productId } = fieldsOf(data);
    const rows = rowsOf(data, "prices", (row) => !row.amount?.trim());
    const made = await sayingRows("prices", rows, async () => {
      const input = productInput(data, rows);
      if (!productId) return createProduct(actor, input);
      await editProduct(actor, { ...input, productId });
      return undefined;
    });
    revalidatePath("/admin/plans", "layout");
    // What sells it comes next.
    if (made) redirect(`${PRODUCTS}/${made.id}`);
    return "Product saved.";
  });
}

export async function archiveProduct(_: FormState, data: FormData): Promise<FormState> {
  return archived(data, true, "The product is off sale.");
}

export async function unarchiveProduct(_: FormState, data: FormData): Promise<FormState> {
  return archived(data, false, "The product is on sale again.");
}

export async function sellWithPrice(_: FormState, data: FormData): Promise<FormState> {
  return mapped(data, true, "The price sells this product.");
}

export async function stopSellingWith(_: FormState, data: FormData): Promise<FormState> {
  return mapped(data, false, "The price sells this product no more.");
}

function archived(data: FormData, isArchived: boolean, sentence: string): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { productId = "" } = fieldsOf(data);
    await setProductArchived(actor, { productId, isArchived });
    revalidatePath("/admin/plans", "layout");
    return sentence;
  });
}

/** A price is named in one field, gateway and mode before it, so that a list of them can be chosen from. */
function mapped(data: FormData, isSold: boolean, sentence: string): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { productId = "", price = "" } = fieldsOf(data);
    const [gateway = "", mode, ...ref] = price.split(" ");
    if (mode !== "test" && mode !== "live") throw new AppError("not_found", "Choose a price.");
    const priceRef = ref.join(" ");
    await sellProductWith(actor, { gateway, mode, priceRef, productId, isSold });
    revalidatePath("/admin/plans", "layout");
    return sentence;
  });
}

function productInput(data: FormData, rows: readonly Row[]): ProductInput {
  const { code = "", name = "", description = "", quantityMax = "" } = fieldsOf(data);
  return {
    code,
    name,
    description,
    quantityMax: /^\s*\d+\s*$/.test(quantityMax) ? Number(quantityMax) : Number.NaN,
    prices: rows.map(priceOf),
  };
}

function priceOf({ fields }: Row, place: number): NonNullable<ProductInput["prices"]>[number] {
  const currency = (fields.currency ?? "").trim().toUpperCase();
  try {
    return { currency, amountMinor: amountOf(fields.amount ?? "", currency).amountMinor };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const field = /^[A-Z]{3}$/.test(currency) ? "amount" : "currency";
    const { code, message } = error;
    throw new AppError(code, message, { fields: { [`prices.${place}.${field}`]: message } });
  }
}
