import { invalid } from "../errors.ts";
import type { Form } from "../form.ts";
import { API_VERSION } from "../version.ts";

type Older = {
  readonly addresses: RegExp;
  readonly name: string;
  /** The parameters that say it now. */
  readonly newest: (given: Form[string]) => Form;
};

const CUSTOMERS = /^\/v1\/customers(\/\w+)?$/;

/** Parameters that the newest version does not have; what is sent, such as by the CLI, in older words. */
const OLDER: readonly Older[] = [
  {
    addresses: /^\/v1\/(payment_intents|setup_intents|checkout\/sessions)(\/|$)/,
    name: "payment_method_types",
    newest: (given) => ({ allowed_payment_method_types: given }),
  },
  {
    addresses: /^\/v1\/promotion_codes$/,
    name: "coupon",
    newest: (given) => ({ promotion: { type: "coupon", coupon: given } }),
  },
  {
    addresses: /^\/v1\/subscriptions(\/\w+)?$/,
    name: "coupon",
    newest: (given) => ({ discounts: given === "" ? "" : [{ coupon: given }] }),
  },
  {
    addresses: /^\/v1\/subscriptions(\/\w+)?$/,
    name: "promotion_code",
    newest: (given) => ({ discounts: given === "" ? "" : [{ promotion_code: given }] }),
  },
  {
    addresses: /^\/v1\/subscriptions\/\w+(\/resume)?$/,
    name: "billing_cycle_anchor",
    newest: (given) => ({
      billing_cycle_anchor: typeof given === "string" ? { type: given } : given,
    }),
  },
  // A customer's own coupon has no newer word, so it keeps this one; see `resources/customers.ts`.
  { addresses: CUSTOMERS, name: "coupon", newest: (coupon) => ({ coupon }) },
];

/**
 * Parameters in the newest words. A call that asks for the newest version has to use them; one that asks
 * for an older version, or for none and so for the account's own, may use the older ones. Lists are
 * filtered by the same words as ever.
 */
export function inNewestWords(
  { method, address }: { method: string; address: string },
  params: Form,
  asked: string | undefined,
): Form {
  if (method !== "POST") return params;
  if (asked === API_VERSION) {
    if (params.coupon !== undefined && CUSTOMERS.test(address)) throw unknown("coupon");
    return params;
  }
  let newest = params;
  for (const { addresses, name, newest: words } of OLDER) {
    const { [name]: given, ...others } = newest;
    if (given !== undefined && addresses.test(address)) newest = { ...others, ...words(given) };
  }
  return newest;
}

function unknown(param: string) {
  return invalid(`Received unknown parameter: ${param}`, { code: "parameter_unknown", param });
}
