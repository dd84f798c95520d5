import type { ListedPrice } from "../adapter.ts";
import type { Connection } from "../gateway.ts";
import { clientFor } from "./client.ts";
import type { Told } from "./concepts.ts";
import { failureOf, wrongAnswer } from "./failures.ts";
import { type Json, listAt, objectAt, refAt } from "./json.ts";
import { inMinorUnits } from "./minor-units.ts";
import { priceSnapshot, productSnapshot } from "./others.ts";

const PAGE_SIZE = 100;

/**
 * A page of the prices on sale, newest first, each with its product. Those that are off sale are left
 * out: every price that was ever written into a call stays in an account for good.
 */
export async function listPrices(
  { page }: { page: string | undefined },
  connection: Connection,
  signal: AbortSignal,
): Promise<{ found: readonly ListedPrice[]; next: string | undefined }> {
  const askedAt = new Date();
  try {
    const answer: { has_more: boolean } = await clientFor(connection, signal).prices.list({
      active: true,
      limit: PAGE_SIZE,
      expand: ["data.product"],
      ...(page === undefined ? {} : { starting_after: page }),
    });
    const found = listAt(answer).map((object) => listed(object, askedAt));
    return { found, next: answer.has_more ? found.at(-1)?.price.ref : undefined };
  } catch (error) {
    throw failureOf(error);
  }
}

function listed(object: Json, at: Date): ListedPrice {
  const ref = refAt(object, "id");
  if (!ref) throw wrongAnswer("a list of prices");
  const told = (one: Json): Told => ({ object: one, at, event: undefined });
  const product = objectAt(object, "product");
  const productRef = refAt(product, "id");
  const isWhole = product && productRef && product.deleted !== true;
  return {
    price: inMinorUnits(priceSnapshot(ref, told(object))),
    product: isWhole ? productSnapshot(productRef, told(product)) : undefined,
  };
}
