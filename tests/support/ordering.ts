import type { Sql } from "#db/client.ts";
import { orderProduct } from "#lib/billing/ordering/commands.ts";
import { findShop } from "#lib/billing/ordering/views.ts";
import { newId } from "#lib/ids.ts";
import type { Box } from "./sandbox.ts";
import type { Newcomer } from "./subscribing.ts";

/** A one-time product that the catalogue asks an amount for, and the gateway's price that costs it. */
export async function sellOnce(
  box: Box,
  sql: Sql,
  { name = "Credits", amount = 10_00, quantityMax = 5 } = {},
): Promise<{ productId: string; priceRef: string }> {
  const { id: priceRef } = await box.stripe.prices.create({
    currency: "eur",
    unit_amount: amount,
    product_data: { name },
  });
  const productId = newId("prd");
  await sql`insert into products (id, code, name, quantity_max)
    values (${productId}, ${`once-${priceRef.slice(-8).toLowerCase()}`}, ${name}, ${quantityMax})`;
  await sql`insert into product_prices (id, product_id, currency, amount_minor)
    values (${newId("prc")}, ${productId}, 'EUR', ${amount})`;
  await sql`insert into gateway_prices
      (gateway, mode, ref, product_id, currency, amount_minor, interval_count, is_active)
    values ('stripe', 'test', ${priceRef}, ${productId}, 'EUR', ${amount}, 1, true)`;
  return { productId, priceRef };
}

/** The form of one product as the shop shows it now. */
export async function shownInShop(
  { owner, organizationId }: Newcomer,
  productId: string,
  quantity = 1,
) {
  const { items, currency } = await findShop(owner, { organizationId });
  const item = items.find(({ offer }) => offer.productId === productId);
  if (!item || !currency) throw new Error("It is not in the shop.");
  return { organizationId, productId, currency, quantity, revision: item.revision };
}

/** What somebody does in two steps: looks at the shop, and then presses the button. */
export async function buys(who: Newcomer, productId: string, quantity = 1) {
  return orderProduct(who.owner, await shownInShop(who, productId, quantity));
}

/** An organization's orders, oldest first, as far as the gateway decides them. */
export async function ordersOf(sql: Sql, { organizationId }: Newcomer) {
  return sql<{ id: string; state: string; page: string; quantity: number; refunded: number }[]>`
    select id, state, page, quantity, refunded_minor::int as refunded from orders
    where organization_id = ${organizationId} order by ordered_at, id`;
}

/** What an organization paid at the gateway, in minor units. */
export async function paidAt(box: Box, { organizationId }: Newcomer): Promise<number[]> {
  const { data } = await box.stripe.paymentIntents.list({ limit: 100 });
  return data
    .filter(
      ({ metadata, status }) =>
        metadata.organization_id === organizationId && status === "succeeded",
    )
    .map(({ amount_received }) => amount_received);
}
