import type Stripe from "stripe";
import { discountsFrom } from "../billing/discounts.ts";
import { emit } from "../events/emit.ts";
import { invalid } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { params } from "../protocol/params.ts";
import type { World } from "../state/world.ts";

/** A customer with another coupon, or with none (null): their next invoices are discounted by it. */
export function withCoupon(
  world: World,
  customer: Stripe.Customer,
  coupon: string | null | undefined,
): Stripe.Customer {
  if (coupon === undefined) return customer;
  const before = customer.discount ?? null;
  const [id = ""] = coupon === null ? [] : redeemed(world, customer.id, coupon);
  const discount = world.get("discount", id) ?? null;
  if (discount && before) emit(world, "customer.discount.updated", discount, { before });
  else if (discount) emit(world, "customer.discount.created", discount);
  else if (before) emit(world, "customer.discount.deleted", before);
  return { ...customer, discount };
}

function redeemed(world: World, customer: string, coupon: string): readonly string[] {
  mustFind(world, "coupon", coupon, { param: "coupon" });
  return discountsFrom(world, [{ coupon }], { customer });
}

function dropDiscount(world: World, customer: Stripe.Customer): Stripe.DeletedDiscount {
  const { discount } = customer;
  if (!discount) {
    throw invalid("This customer does not have a discount.", { code: "resource_missing" });
  }
  const after = world.put("customer", withCoupon(world, customer, null));
  emit(world, "customer.updated", after, { before: customer });
  const { end: _, ...rest } = discount;
  return { ...rest, deleted: true };
}

export const customerDiscountOperations: readonly Operation[] = [
  operation("DELETE /v1/customers/:id/discount", params()({}), ({ world, path: { id = "" } }) =>
    dropDiscount(world, mustFind(world, "customer", id)),
  ),
];
