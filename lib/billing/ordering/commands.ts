import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import { AppError } from "../../errors.ts";
import { newId } from "../../ids.ts";
import { checked, id } from "../../input.ts";
import { productSettings } from "../../settings/views.ts";
import { pageOf } from "../asking/answer.ts";
import { ask, changedMeanwhile } from "../asking/ask.ts";
import { type Asker, askedFor } from "../asking/authority.ts";
import type { CommandRow } from "../asking/kind.ts";
import { pageToGoOnWith } from "../asking/pages.ts";
import { openPage } from "../asking/pages-store.ts";
import { type Seller, sellerIn } from "../subscribing/choice.ts";
import { organizationOf, payerOf } from "../subscribing/store.ts";
import {
  orderRevision,
  type ProductChoice,
  type ProductWish,
  placeOf,
  productChoice,
} from "./choice.ts";
import { type giveUpPlan, type OrderPlan, orderOf, sellsTheSame } from "./plan.ts";
import { totalInWords } from "./rules.ts";
import { GIVE_UP, insertOrder, ORDER, type OrderRow, ownOrder } from "./store.ts";

const input = z.object({
  organizationId: id,
  productId: id,
  currency: z.string("Choose a currency.").regex(/^[A-Z]{3}$/, "Choose a currency."),
  quantity: z.coerce
    .number("Enter how many.")
    .int("Enter a whole number.")
    .min(1, "Take at least one.")
    .max(1_000, "That is more than can be bought at once.")
    .default(1),
  revision: z.string().max(64),
});

/** An order that was asked for, with the command that opens its page. */
export type Ordered = { readonly orderId: string; readonly command: CommandRow };

/**
 * Orders a one-time product: opens the gateway's page on which it is paid for. The same wish has the same
 * page and the same order for as long as that is open; another quantity closes it first. Where it was
 * paid meanwhile, nothing new is opened and that order is answered.
 */
export async function orderProduct(actor: Asker, given: z.input<typeof input>): Promise<Ordered> {
  const { organizationId: named, revision, ...wanted } = checked(input, given);
  const organizationId = askedFor(actor, named);
  const seller = await sellerIn();
  const sold = requireFree(await productChoice(db(), organizationId, seller, wanted));
  const place = placeOf(organizationId, wanted.productId, seller);
  const wish = {
    items: [{ priceRef: sold.priceRef, quantity: wanted.quantity }],
    worksOutTax: (await productSettings()).worksOutTax,
  };
  const page = await pageToGoOnWith(place, ORDER, (command) => sellsTheSame(command, wish));
  if (page) return { orderId: orderOf(page), command: page };
  const command = await ask(actor, {
    kind: ORDER,
    organizationId,
    ...place,
    wanted,
    revision,
    prepare: async (tx) => {
      const now = await productChoice(tx, organizationId, seller, wanted);
      const order = orderedIn(now, wanted);
      const { priceRef, quantity, currency } = order;
      const sentWith = await sender(tx, actor, { organizationId, place, seller });
      const items = [{ priceRef, quantity }];
      const plan: OrderPlan = { orderId: order.id, items, currency, ...sentWith };
      const after = { product: now.offer.name, cost: totalInWords(order) };
      const { gateway, mode } = seller;
      return {
        revision: now.revision,
        plan,
        deed: { action: ORDER, subject: order.id, after },
        alongside: (commandId) =>
          insertOrder(tx, { ...order, organizationId, commandId, gateway, mode }),
      };
    },
  });
  if (!command) throw changedMeanwhile();
  return { orderId: orderOf(command), command };
}

const giveUpInput = z.object({ organizationId: id, orderId: id, revision: z.string().max(64) });

/**
 * Gives up an order that nobody has paid: its page is closed at the gateway, whose word then cancels it.
 * Where it is paid at that moment, the order stays, and the command is refused and says so. Undefined
 * where there is nothing to give up any more: it was paid, or is over.
 */
export async function giveUpOrder(
  actor: Asker,
  given: z.input<typeof giveUpInput>,
): Promise<CommandRow | undefined> {
  const { organizationId: named, orderId, revision } = checked(giveUpInput, given);
  const own = { organizationId: askedFor(actor, named), orderId };
  const { productId, gateway, mode } = await existing(db(), own);
  return ask(actor, {
    kind: GIVE_UP,
    organizationId: own.organizationId,
    ...placeOf(own.organizationId, productId, { gateway, mode }),
    wanted: orderId,
    revision,
    check: async () => openPageOf(await existing(db(), own)) !== null,
    prepare: async (tx) => {
      const order = await existing(tx, own);
      const ref = openPageOf(order);
      if (ref === null) throw changedMeanwhile();
      const page = { commandId: order.commandId, ref };
      const before = { cost: totalInWords(order) };
      return {
        revision: await orderRevision(tx, order),
        plan: { orderId, page } satisfies z.input<typeof giveUpPlan>,
        deed: { action: GIVE_UP, subject: orderId, before },
      };
    },
  });
}

async function existing(
  tx: Tx,
  own: { organizationId: string; orderId: string },
): Promise<OrderRow> {
  const order = await ownOrder(tx, own);
  if (!order) throw new AppError("not_found", "There is no such order.");
  return order;
}

/** The page that an order waits on; null where it waits on none any more. */
function openPageOf({ state, page, checkoutRef }: OrderRow): string | null {
  return state === "pending" && page === "open" ? checkoutRef : null;
}

/** What is bought for how much, as the catalogue asks it now. */
function orderedIn(choice: ProductChoice, { productId, currency, quantity }: ProductWish) {
  const { priceRef, amountMinor: each } = requireFree(choice);
  const amountMinor = each * quantity;
  return { id: newId("ord"), productId, priceRef, quantity, currency, amountMinor };
}

type Where = {
  readonly organizationId: string;
  readonly place: ReturnType<typeof placeOf>;
  readonly seller: Seller;
};

async function sender(
  tx: Tx,
  actor: Asker,
  { organizationId, place, seller }: Where,
): Promise<Omit<OrderPlan, "orderId" | "items" | "currency">> {
  const { name, slug, billingEmail } = await organizationOf(tx, organizationId);
  const email = billingEmail ?? (actor.kind === "member" ? actor.label : null);
  const { publicUrl, takesPromotionCodes, worksOutTax } = await productSettings(tx);
  const before = await openPage(tx, place, ORDER);
  const page = before && pageOf(before);
  return {
    ...(await payerOf(tx, organizationId, seller, { name, email })),
    takesPromotionCodes,
    worksOutTax,
    pagesUrl: `${publicUrl}/portal/${slug}/orders`,
    replaces: before && page ? { commandId: before.id, ref: page.ref } : null,
  };
}

/** The price to sell at, or what stands in the way. */
function requireFree({ blockers, offer: { priceRef, amountMinor } }: ProductChoice) {
  if (blockers[0]) throw new AppError("conflict", blockers[0]);
  if (!priceRef || !amountMinor) throw new Error("Nothing stands in the way of selling nothing.");
  return { priceRef, amountMinor };
}
