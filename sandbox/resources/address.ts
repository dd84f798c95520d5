import type Stripe from "stripe";
import type { z } from "zod";
import { emptyable, params, text } from "../protocol/params.ts";

/** An address as it is sent; "" unsets a part of it. */
export const address = () =>
  params<Stripe.AddressParam>()({
    city: emptyable(text()).optional(),
    country: emptyable(text()).optional(),
    line1: emptyable(text()).optional(),
    line2: emptyable(text()).optional(),
    postal_code: emptyable(text()).optional(),
    state: emptyable(text()).optional(),
  });

/** An address with every part said. */
export function addressFrom(given: z.output<ReturnType<typeof address>>): Stripe.Address {
  return {
    city: given.city ?? null,
    country: given.country ?? null,
    line1: given.line1 ?? null,
    line2: given.line2 ?? null,
    postal_code: given.postal_code ?? null,
    state: given.state ?? null,
  };
}
