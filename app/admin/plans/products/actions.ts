"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { type FormState, seenIn } from "#app/_ui/form-state.ts";
import { publishSaved, withdrawSaved } from "#lib/billing/selling/commands.ts";
import {
  createProduct,
  editProduct,
  type ProductInput,
  sellProductWith,
  setProductArchived,
} from "#lib/catalogue/product-commands.ts";
import { AppError } from "#lib/errors.ts";
import { type Row, rowsOf, sayingRows } from "../_parts/rows.ts";
import { alsoThere, moneyIn, numberOf } from "../_parts/saving.ts";

const PRODUCTS = "/admin/plans/products";

export async function saveProduct(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { productId } = fieldsOf(data);
    const rows = rowsOf(data, "prices", (row) => !row.amount?.trim());
    const saved = await sayingRows("prices", rows, async () => {
      const input = productInput(data, rows);
      if (!productId) return (await createProduct(actor, input)).id;
      await editProduct(actor, { ...input, productId, seen: seenIn(fieldsOf(data)) });
      return productId;
    });
    revalidatePath("/admin/plans", "layout");
    const told = await alsoThere(data, "sell", (place) =>
      publishSaved(actor, { ...place, soldId: saved }),
    );
    // What sells it, and what stands in the way, is on its page.
    if (!productId) redirect(`${PRODUCTS}/${saved}`);
    return ["Product saved.", ...told.sentences].join(" ");
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
    // Only the form that archives has anything to tick.
    const told = await alsoThere(data, "withdraw", (place) =>
      withdrawSaved(actor, { ...place, soldId: productId }),
    );
    return [sentence, ...told.sentences].join(" ");
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
    quantityMax: numberOf(quantityMax),
    prices: rows.map(moneyIn),
  };
}
