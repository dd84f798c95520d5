import type Stripe from "stripe";
import type { BillingDetails, GatewayCommands } from "../../asking.ts";
import type { TaxId } from "../../gateway.ts";
import { isUnknownObject } from "../failures.ts";
import { calling, once } from "./call.ts";

export const createCustomer: GatewayCommands["createCustomer"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const { organizationId, name, email } = asked;
    const { id } = await stripe.customers.create(
      { name, ...(email && { email }), metadata: { organization_id: organizationId } },
      once(asking, "customer"),
    );
    return id;
  });

/**
 * Tax ids are objects of their own: new ones are made first, since Stripe refuses those that cannot be,
 * and then nothing has changed.
 */
export const setBillingDetails: GatewayCommands["setBillingDetails"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const { customerRef, details, addedTaxIds, removedTaxIds } = asked;
    const { data: held } = await stripe.customers.listTaxIds(customerRef, { limit: 100 });
    for (const [place, { type, value }] of addedTaxIds.entries()) {
      if (held.some(isOneOf([{ type, value }]))) continue;
      const key = once(asking, `tax_id.${place}`);
      await stripe.customers.createTaxId(customerRef, { type, value }, key);
    }
    await stripe.customers.update(customerRef, detailsOf(details), once(asking, "details"));
    for (const { id } of held.filter(isOneOf(removedTaxIds))) {
      await deleteTaxId(stripe, customerRef, id);
    }
  });

function isOneOf(wanted: readonly TaxId[]): (held: Stripe.TaxId) => boolean {
  return (held) => wanted.some(({ type, value }) => held.type === type && held.value === value);
}

async function deleteTaxId(stripe: Stripe, customerRef: string, id: string): Promise<void> {
  try {
    await stripe.customers.deleteTaxId(customerRef, id);
  } catch (error) {
    if (!isUnknownObject(error)) throw error;
  }
}

/** An empty text unsets. */
function detailsOf({ name, email, address }: BillingDetails): Stripe.CustomerUpdateParams {
  return {
    name: name ?? "",
    email: email ?? "",
    address: address
      ? {
          line1: address.line1 ?? "",
          line2: address.line2 ?? "",
          postal_code: address.postalCode ?? "",
          city: address.city ?? "",
          state: address.state ?? "",
          country: address.country ?? "",
        }
      : "",
  };
}
