import type Stripe from "stripe";
import type { Asking, BillingDetails, GatewayCommands } from "../../asking.ts";
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
    const { customerRef, details } = asked;
    const { data: held } = await stripe.customers.listTaxIds(customerRef, { limit: 100 });
    const kept = await keptTaxIds(stripe, customerRef, details.taxIds, held, asking);
    await stripe.customers.update(customerRef, detailsOf(details), once(asking, "details"));
    for (const { id } of held) {
      if (!kept.has(id)) await deleteTaxId(stripe, customerRef, id);
    }
  });

/** Stripe may write a number in another way than we do: what was made is known by its id. */
async function keptTaxIds(
  stripe: Stripe,
  customerRef: string,
  wanted: readonly TaxId[],
  held: readonly Stripe.TaxId[],
  asking: Asking,
): Promise<ReadonlySet<string>> {
  const kept = new Set<string>();
  for (const [place, { type, value }] of wanted.entries()) {
    const there = held.find((each) => each.type === type && each.value === value);
    const made =
      there ??
      (await stripe.customers.createTaxId(
        customerRef,
        { type, value },
        once(asking, `tax_id.${place}`),
      ));
    kept.add(made.id);
  }
  return kept;
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
