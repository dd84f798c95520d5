import type { Form } from "../form.ts";
import { API_VERSION } from "../version.ts";

/** Where endive renamed a parameter; what is sent, such as by the CLI, in older words. */
const RENAMED_IN_ENDIVE = [
  {
    addresses: /^\/v1\/(payment_intents|setup_intents|checkout\/sessions)(\/|$)/,
    from: "payment_method_types",
    to: "allowed_payment_method_types",
  },
] as const;

/**
 * Parameters in the newest words. A call that asks for the newest version has to use them; one that asks
 * for an older version, or for none and so for the account's own, may use the older ones.
 */
export function inNewestWords(address: string, params: Form, asked: string | undefined): Form {
  if (asked === API_VERSION) return params;
  const newest = { ...params };
  for (const { addresses, from, to } of RENAMED_IN_ENDIVE) {
    const given = newest[from];
    if (given === undefined || !addresses.test(address)) continue;
    delete newest[from];
    newest[to] = given;
  }
  return newest;
}
