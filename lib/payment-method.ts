/** A means of payment, as far as people tell one from another. */
export type MethodName = {
  /** In the gateway's word: card, sepa_debit, paypal. */
  readonly kind: string;
  readonly brand: string | null;
  readonly last4: string | null;
};

export type Expiry = { readonly expMonth: number | null; readonly expYear: number | null };

/** Brands that do not write themselves as a word with a capital. */
const BRANDS: Readonly<Record<string, string>> = {
  amex: "American Express",
  diners: "Diners Club",
  eftpos_au: "Eftpos",
  jcb: "JCB",
  unionpay: "UnionPay",
  sepa_debit: "SEPA Direct Debit",
  us_bank_account: "Bank account",
  bacs_debit: "Bacs Direct Debit",
  paypal: "PayPal",
};

/** "Visa •••• 4242". */
export function methodInWords({ kind, brand, last4 }: MethodName): string {
  const word = brand ?? kind;
  const spaced = word.replaceAll("_", " ");
  const named = Object.hasOwn(BRANDS, word) ? BRANDS[word] : undefined;
  const name = named ?? spaced.charAt(0).toUpperCase() + spaced.slice(1);
  return last4 ? `${name} •••• ${last4}` : name;
}

/** The same of a payment, which keeps the gateway's words for it: "visa •••• 4242". */
export function paidWithInWords(method: string): string {
  const [kind = "", last4 = null] = method.split(" •••• ");
  return methodInWords({ kind, brand: null, last4 });
}

/** The moment from which it can no longer be charged: the end of its month. Null where it has no end. */
export function expiresAt({ expMonth, expYear }: Expiry): Date | null {
  if (expMonth === null || expYear === null) return null;
  return new Date(Date.UTC(expYear, expMonth, 1));
}

/** Whether it is over, or will be with this month; undefined where it is good for longer. */
export function expiryOf(method: Expiry, now: Date): "expired" | "this_month" | undefined {
  const over = expiresAt(method);
  if (!over) return undefined;
  if (over <= now) return "expired";
  const isThisMonth =
    method.expYear === now.getUTCFullYear() && method.expMonth === now.getUTCMonth() + 1;
  return isThisMonth ? "this_month" : undefined;
}
