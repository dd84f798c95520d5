import { invalid, StripeError } from "./errors.ts";
import type { Operation } from "./operation.ts";

export type Found = {
  readonly operation: Operation;
  /** What the address names, such as `{ id: "sub_1" }`. */
  readonly path: Readonly<Record<string, string>>;
};

type Branch = {
  readonly inner: Map<string, Branch>;
  readonly operations: Map<string, { operation: Operation; names: readonly string[] }>;
};

/** Finds an operation by method and address; a word in an address goes before a name of that place. */
export function routesOf(operations: readonly Operation[]) {
  const root = branch();
  for (const operation of operations) {
    const steps = stepsOf(operation.path);
    let at = root;
    for (const step of steps) {
      const key = step.startsWith(":") ? ":" : step;
      const next = at.inner.get(key) ?? branch();
      at.inner.set(key, next);
      at = next;
    }
    if (at.operations.has(operation.method)) {
      throw new Error(`twice: ${operation.method} ${operation.path}`);
    }
    const names = steps.filter((step) => step.startsWith(":")).map((step) => step.slice(1));
    at.operations.set(operation.method, { operation, names });
  }
  // An address that ends in a slash lacks the id that it was to end in.
  return (method: string, address: string): Found | undefined =>
    address.endsWith("/") ? undefined : find(root, method, stepsOf(address), []);
}

function branch(): Branch {
  return { inner: new Map(), operations: new Map() };
}

function find(
  at: Branch,
  method: string,
  [step, ...rest]: readonly string[],
  named: readonly string[],
): Found | undefined {
  if (step === undefined) {
    const found = at.operations.get(method);
    if (!found) return undefined;
    const { operation, names } = found;
    return {
      operation,
      path: Object.fromEntries(names.map((name, place) => [name, named[place] ?? ""])),
    };
  }
  const word = at.inner.get(step);
  // Stripe searches at this word of most lists; where the sandbox does not, it is nobody's id.
  const inner = step === "search" ? undefined : at.inner.get(":");
  return (
    (word && find(word, method, rest, named)) ??
    (inner && find(inner, method, rest, [...named, decodeURIComponent(step)]))
  );
}

function stepsOf(address: string): string[] {
  return address.split("/").filter((step) => step !== "");
}

/** First steps of addresses that Stripe has; those without an operation here are not modelled. */
const STRIPE_HAS: ReadonlySet<string> = new Set(
  `account account_links account_sessions accounts apple_pay apps application_fees balance
  balance_settings balance_transactions billing billing_portal charges checkout climate
  confirmation_tokens country_specs coupons credit_notes customer_sessions customers disputes
  entitlements ephemeral_keys events exchange_rates external_accounts file_links files
  financial_connections forwarding identity invoice_payments invoice_rendering_templates
  invoiceitems invoices issuing linked_accounts mandates payment_attempt_records payment_intents
  payment_links payment_method_configurations payment_method_domains payment_methods
  payment_pages payment_records payouts plans prices products promotion_codes quotes radar
  refunds reporting reviews setup_attempts setup_intents shipping_rates sigma sources
  subscription_items subscription_schedules subscriptions tax tax_codes tax_ids tax_rates
  terminal test_helpers tokens topups transfers treasury webhook_endpoints`.split(/\s+/),
);

const TRAILING_SLASH =
  "If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an " +
  "object, make sure you passed a valid (non-empty) identifier in your code. ";

/** Why there is nothing at an address: Stripe has no such thing, or the sandbox has it not. Both 404. */
export function nothingAt(method: string, address: string): StripeError {
  const [version, resource = ""] = stepsOf(address);
  const isKnown = version === "v2" || (version === "v1" && STRIPE_HAS.has(resource));
  const isAsked = ["GET", "POST", "DELETE"].includes(method) && !address.endsWith("/");
  if (!isKnown || !isAsked) {
    const hint = address.endsWith("/") ? TRAILING_SLASH : "";
    return new StripeError(404, {
      type: "invalid_request_error",
      message: `Unrecognized request URL (${method}: ${address}). ${hint}Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
    });
  }
  return new StripeError(404, {
    type: "invalid_request_error",
    code: "sandbox_not_modelled",
    message: `Unrecognized request URL (${method}: ${address}): the sandbox does not model it. See docs/sandbox.md for what it does.`,
  });
}

/** A form is all that Stripe's first API takes. */
export function checkContentType(type: string | undefined): void {
  if (type === undefined || type === "" || type.startsWith("application/x-www-form-urlencoded")) {
    return;
  }
  throw invalid(
    `Invalid request: the body must be sent as application/x-www-form-urlencoded, not as ${type}.`,
  );
}
