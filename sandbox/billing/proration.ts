import type Stripe from "stripe";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { discountShares, sum } from "./discount-shares.ts";
import { activeDiscounts, applicable } from "./discounts.ts";
import { debitsOf } from "./invoice.ts";
import type { LineDraft } from "./lines.ts";
import { type Period, shareOf } from "./period.ts";
import { amountOf, type ChangedItem, productOf } from "./subscription-items.ts";
import { countOf, lineOf } from "./subscription-lines.ts";

type Item = Stripe.SubscriptionItem;

/** Whether a change of an item is one that is paid for. */
export function isBilledChange({ before, after }: ChangedItem): boolean {
  return (
    !before ||
    !after ||
    before.price.id !== after.price.id ||
    (before.quantity ?? 1) !== (after.quantity ?? 1)
  );
}

/**
 * The flexible way: an item gives back the unused share of what was debited for it, whatever its price says
 * now, line by line, net of discounts and with the taxes of then. What was given back once is no debit any more.
 */
export function creditLines(world: World, item: Item, at: number): LineDraft[] {
  const customer = world.get("subscription", item.subscription)?.customer;
  return debitsOf(world, item.id, idOf(customer)).flatMap((debit) => {
    const { start, end } = debit.period;
    const from = Math.max(start, at);
    if (end <= from || debit.amountNet === 0) return [];
    return [
      {
        ...lineOf(item, { start: from, end }),
        amount: 0 - shareOf(debit.amountNet, end - from, end - start),
        description: `Unused time on ${countOf(world, item)} after ${dayOf(from)}`,
        quantity: debit.quantity,
        proration: true,
        discountable: false,
        credits: debit.credits,
        taxRates: debit.taxRates,
      },
    ];
  });
}

/** What the rest of a period costs of items that begin in it, after the discounts of them all. */
export function remainderLines(
  world: World,
  items: readonly Item[],
  changed: readonly Item[],
  { at, period, discounts }: { at: number; period: Period; discounts: readonly string[] },
): LineDraft[] {
  const nets = netAmounts(world, items, discounts);
  const from = Math.min(Math.max(period.start, at), period.end);
  if (from === period.end) return [];
  return changed.map((item) => ({
    ...lineOf(item, { start: from, end: period.end }),
    amount: shareOf(nets.get(item.id) ?? 0, period.end - from, period.end - period.start),
    description: `Remaining time on ${countOf(world, item)} after ${dayOf(from)}`,
    proration: true,
    discountable: false,
  }));
}

function netAmounts(
  world: World,
  items: readonly Item[],
  discounts: readonly string[],
): ReadonlyMap<string, number> {
  const lines = items.map((item) => ({
    amount: amountOf(item.price, item.quantity ?? 1),
    product: productOf(item.price),
    discountable: true,
    own: [],
  }));
  const active = activeDiscounts(world, discounts).flatMap(({ id }) => applicable(world, id) ?? []);
  const shares = discountShares(lines, active, items[0]?.price.currency ?? "");
  return new Map(
    items.map((item, place) => {
      const off = sum((shares[place] ?? []).map(({ amount }) => amount));
      return [item.id, (lines[place]?.amount ?? 0) - off];
    }),
  );
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function dayOf(seconds: number): string {
  const at = new Date(seconds * 1_000);
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}
