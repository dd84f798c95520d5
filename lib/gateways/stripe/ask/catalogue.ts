import type Stripe from "stripe";
import type { GatewayCommands, Sells } from "../../asking.ts";
import { PLAN_KEY, PRODUCT_KEY } from "../concepts.ts";
import { writtenOf } from "../minor-units.ts";
import { calling, idOf, once } from "./call.ts";

export const createProduct: GatewayCommands["createProduct"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const { name, description, sells } = asked;
    const { id } = await stripe.products.create(
      { name, ...(description && { description }), metadata: metadataOf(sells) },
      once(asking, "product"),
    );
    return { ref: id };
  });

export const createPrice: GatewayCommands["createPrice"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const { currency, interval, intervalCount } = asked;
    const params: Stripe.PriceCreateParams = {
      product: asked.productRef,
      currency: currency.toLowerCase(),
      unit_amount: writtenOf(asked.amountMinor, currency),
      ...(interval && { recurring: { interval, interval_count: intervalCount } }),
      lookup_key: asked.lookupKey,
      transfer_lookup_key: asked.takesLookupKey,
      metadata: metadataOf(asked.sells),
    };
    const { id } = await stripe.prices.create(params, once(asking, `price.${asked.step}`));
    return { ref: id };
  });

export const setProduct: GatewayCommands["setProduct"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const { productRef, name, isOnSale } = asked;
    const change: Stripe.ProductUpdateParams = {
      ...(name !== undefined && { name }),
      ...(isOnSale !== undefined && { active: isOnSale }),
    };
    await stripe.products.update(productRef, change, once(asking, `set.${productRef}`));
  });

/**
 * A price gives up being its product's default before it is taken off sale, or Stripe answers "This price
 * cannot be archived because it is the default price of its product" (status 400). Reported, with this
 * way out, at https://github.com/stripe/stripe-python/issues/658.
 */
export const setPriceOnSale: GatewayCommands["setPriceOnSale"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const { priceRef, isOnSale } = asked;
    if (!isOnSale) await giveUpDefault(stripe, priceRef, asking);
    await stripe.prices.update(priceRef, { active: isOnSale }, once(asking, `set.${priceRef}`));
  });

async function giveUpDefault(
  stripe: Stripe,
  priceRef: string,
  asking: Parameters<GatewayCommands["setPriceOnSale"]>[1],
): Promise<void> {
  const { product } = await stripe.prices.retrieve(priceRef, { expand: ["product"] });
  if (typeof product === "string" || product.deleted || !product.default_price) return;
  if (idOf(product.default_price) !== priceRef) return;
  await stripe.products.update(
    product.id,
    { default_price: "" },
    once(asking, `default.${priceRef}`),
  );
}

function metadataOf({ noun, code }: Sells): Record<string, string> {
  return { [noun === "plan" ? PLAN_KEY : PRODUCT_KEY]: code };
}
