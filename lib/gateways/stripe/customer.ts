import type { Address, CustomerSnapshot, PaymentMethod, TaxId } from "../gateway.ts";
import { claimIn, optionalCurrency, type Told } from "./concepts.ts";
import { amountAt, at, countAt, type Json, listAt, objectAt, refAt, textAt } from "./json.ts";

/** A customer in our words. Tax ids and means of payment are told by a fetch only. */
export function customerSnapshot(ref: string, { object, at: asOf }: Told): CustomerSnapshot {
  return {
    kind: "customer",
    ref,
    asOf,
    links: [],
    email: textAt(object, "email"),
    name: textAt(object, "name"),
    claim: claimIn(object.metadata, "customer_metadata"),
    address: addressOf(object),
    taxIds: at(object, "tax_ids") === undefined ? undefined : taxIdsOf(object),
    defaultMethodRef:
      refAt(object, "invoice_settings", "default_payment_method") ??
      refAt(object, "default_source"),
    // Stripe writes a credit below zero.
    balanceMinor: 0 - (amountAt(object, "balance") ?? amountAt(object, "account_balance") ?? 0),
    currency: optionalCurrency(object.currency),
    methods: at(object, METHODS) === undefined ? undefined : methodsOf(object),
  };
}

/** Where a fetch puts the customer's means of payment, which Stripe lists by themselves. */
export const METHODS = "billhook_methods";

function addressOf(customer: Json): Address | null {
  const address = objectAt(customer, "address");
  if (!address) return null;
  return {
    line1: textAt(address, "line1"),
    line2: textAt(address, "line2"),
    postalCode: textAt(address, "postal_code"),
    city: textAt(address, "city"),
    state: textAt(address, "state"),
    country: textAt(address, "country"),
  };
}

function taxIdsOf(customer: Json): TaxId[] {
  return listAt(customer, "tax_ids").flatMap((taxId) => {
    const [type, value] = [textAt(taxId, "type"), textAt(taxId, "value")];
    return type && value ? [{ type, value }] : [];
  });
}

function methodsOf(customer: Json): PaymentMethod[] {
  return listAt(customer, METHODS).flatMap((method) => {
    const ref = refAt(method, "id");
    const kind = textAt(method, "type");
    if (!ref || !kind) return [];
    const details = objectAt(method, kind);
    return [
      {
        ref,
        kind,
        brand: textAt(details, "brand") ?? textAt(details, "bank_name"),
        last4: textAt(details, "last4"),
        expMonth: countAt(details, "exp_month"),
        expYear: countAt(details, "exp_year"),
      },
    ];
  });
}
