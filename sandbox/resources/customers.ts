import type Stripe from "stripe";
import type { z } from "zod";
import { moveBalance } from "../billing/balance.ts";
import { cancelSubscription } from "../billing/subscription.ts";
import { emit } from "../events/emit.ts";
import { attachMethod, checkDefault, savedMethod } from "../payments/methods.ts";
import { invalid, missing } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  emptyable,
  integer,
  listOf,
  mergeMetadata,
  metadata,
  natural,
  oneOf,
  page,
  params,
  range,
  text,
  unmodelled,
} from "../protocol/params.ts";
import type { World } from "../state/world.ts";
import { address, addressFrom } from "./address.ts";
import { withCoupon } from "./customer-discount.ts";

const invoiceSettings = () =>
  params<Stripe.CustomerCreateParams.InvoiceSettings>()({
    custom_fields: unmodelled(),
    default_payment_method: emptyable(text()).optional(),
    footer: emptyable(text()).optional(),
    rendering_options: unmodelled(),
  });

const shipping = () =>
  params<Stripe.CustomerCreateParams.Shipping>()({
    address: address(),
    name: text(),
    phone: emptyable(text()).optional(),
  });

const shared = {
  address: emptyable(address()).optional(),
  balance: integer().optional(),
  business_name: unmodelled(),
  cash_balance: unmodelled(),
  /** Of older versions only, see `protocol/older/params.ts`. */
  coupon: emptyable(text()).optional(),
  description: emptyable(text()).optional(),
  email: emptyable(text().max(512)).optional(),
  individual_name: unmodelled(),
  invoice_prefix: text()
    .regex(/^[A-Z0-9]{3,12}$/, "must be 3 to 12 uppercase letters or numbers")
    .optional(),
  invoice_settings: invoiceSettings().optional(),
  metadata: metadata().optional(),
  name: emptyable(text().max(256)).optional(),
  next_invoice_sequence: natural().optional(),
  phone: emptyable(text()).optional(),
  preferred_locales: emptyable(listOf(text())).optional(),
  shipping: emptyable(shipping()).optional(),
  source: text().optional(),
  tax: unmodelled(),
  tax_exempt: emptyable(oneOf(["exempt", "none", "reverse"])).optional(),
  validate: unmodelled(),
};

const createParams = params<Stripe.CustomerCreateParams>()({
  ...shared,
  payment_method: text().optional(),
  tax_id_data: unmodelled(),
  test_clock: text().optional(),
});
const updateParams = params<Stripe.CustomerUpdateParams>()({
  ...shared,
  default_source: text().optional(),
});
const listParams = params<Stripe.CustomerListParams>()({
  ...page,
  created: range().optional(),
  email: text().optional(),
  test_clock: text().optional(),
});

type Changes = z.output<typeof updateParams>;

/** The numbers of a customer's invoices begin with this. */
function newPrefix(world: World): string {
  return world.newId("", 8).slice(1).toUpperCase();
}

/** Makes a customer; emits customer.created. */
export function createCustomer(
  world: World,
  given: z.output<typeof createParams>,
): Stripe.Customer {
  const clock = given.test_clock ?? null;
  if (clock !== null && !world.get("test_helpers.test_clock", clock)) {
    throw missing("test clock", clock, "test_clock");
  }
  const blank = {
    id: world.newId("cus", 14),
    object: "customer",
    address: null,
    balance: 0,
    created: world.now(clock),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: newPrefix(world),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: "none",
    test_clock: clock,
  } satisfies Stripe.Customer;
  const customer = world.put("customer", { ...blank, ...changed(blank, given) });
  emit(world, "customer.created", customer);
  if (given.payment_method) attachMethod(world, given.payment_method, customer.id);
  setBalance(world, customer, given.balance);
  return settled(world, present(world, customer.id), given);
}

/** Balances are kept in the account's own currency until a customer is billed in another. */
const ACCOUNT_CURRENCY = "usd";

function setBalance(world: World, customer: Stripe.Customer, balance = customer.balance): void {
  if (balance === customer.balance) return;
  moveBalance(world, {
    customer: customer.id,
    amount: balance - customer.balance,
    currency: customer.currency ?? ACCOUNT_CURRENCY,
    type: "adjustment",
  });
}

/** What only a customer who is there can have: a card as `source`, and a default card that is theirs. */
function settled(
  world: World,
  customer: Stripe.Customer,
  given: Pick<Changes, "coupon" | "source" | "invoice_settings">,
): Stripe.Customer {
  let source = customer.default_source;
  if (given.source) source = attachMethod(world, given.source, customer.id).id;
  const method = given.invoice_settings?.default_payment_method;
  const defaultMethod =
    method === undefined
      ? customer.invoice_settings.default_payment_method
      : method && ownMethod(world, customer.id, method);
  return world.put("customer", {
    ...withCoupon(world, customer, given.coupon),
    default_source: source,
    invoice_settings: { ...customer.invoice_settings, default_payment_method: defaultMethod },
  });
}

function ownMethod(world: World, customer: string, id: string): string {
  const param = "invoice_settings[default_payment_method]";
  // A test name stands for the card that was just made of it: only what was attached can be a default.
  const own = savedMethod(world, customer, id);
  if (own) {
    checkDefault(own, param);
    return own.id;
  }
  mustFind(world, "payment_method", id, { param, what: "PaymentMethod" });
  throw invalid(
    `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
    { code: "resource_missing", param },
  );
}

/** The members of a customer that parameters set as they are. */
function changed(before: Stripe.Customer, given: Changes): Partial<Stripe.Customer> {
  const after: Partial<Stripe.Customer> = {
    metadata: mergeMetadata(before.metadata, given.metadata),
  };
  if (given.address !== undefined) after.address = given.address && addressFrom(given.address);
  if (given.description !== undefined) after.description = given.description;
  if (given.email !== undefined) after.email = given.email;
  if (given.name !== undefined) after.name = given.name;
  if (given.phone !== undefined) after.phone = given.phone;
  if (given.invoice_prefix !== undefined) after.invoice_prefix = given.invoice_prefix;
  if (given.next_invoice_sequence !== undefined) {
    after.next_invoice_sequence = given.next_invoice_sequence;
  }
  if (given.preferred_locales !== undefined)
    after.preferred_locales = given.preferred_locales ?? [];
  if (given.tax_exempt !== undefined) after.tax_exempt = given.tax_exempt ?? "none";
  if (given.shipping !== undefined) {
    after.shipping = given.shipping && {
      address: addressFrom(given.shipping.address),
      name: given.shipping.name,
      phone: given.shipping.phone ?? null,
    };
  }
  const footer = given.invoice_settings?.footer;
  if (footer !== undefined) after.invoice_settings = { ...before.invoice_settings, footer };
  return after;
}

/** Changes what is given of a customer; emits customer.updated where that changes anything. */
export function updateCustomer(
  world: World,
  before: Stripe.Customer,
  given: Changes,
): Stripe.Customer {
  if (given.default_source && given.default_source !== before.default_source) {
    throw missing("source", given.default_source, "default_source");
  }
  const after = settled(world, { ...before, ...changed(before, given) }, given);
  if (JSON.stringify(after) !== JSON.stringify(before)) {
    emit(world, "customer.updated", after, { before });
  }
  setBalance(world, after, given.balance);
  return present(world, before.id);
}

function deleteCustomer(world: World, customer: Stripe.Customer): Stripe.DeletedCustomer {
  for (const subscription of world.all("subscription")) {
    const isRunning = !["canceled", "incomplete_expired"].includes(subscription.status);
    if (subscription.customer === customer.id && isRunning) {
      cancelSubscription(world, subscription.id, {});
    }
  }
  for (const { id } of world.of("tax_id", "customer", customer.id)) world.remove("tax_id", id);
  emit(world, "customer.deleted", mustFind(world, "customer", customer.id));
  world.remove("customer", customer.id);
  const deleted = { id: customer.id, object: "customer", deleted: true } as const;
  world.put("deleted", deleted);
  return deleted;
}

function present(world: World, id: string): Stripe.Customer {
  return mustFind(world, "customer", id);
}

export const customerOperations: readonly Operation[] = [
  operation("POST /v1/customers", createParams, ({ world, params }) =>
    createCustomer(world, params),
  ),
  operation(
    "GET /v1/customers/:id",
    params<Stripe.CustomerRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => {
      const gone = world.get("deleted", id);
      return gone?.object === "customer" ? gone : present(world, id);
    },
  ),
  operation("POST /v1/customers/:id", updateParams, ({ world, params, path: { id = "" } }) =>
    updateCustomer(world, present(world, id), params),
  ),
  operation(
    "DELETE /v1/customers/:id",
    params<Stripe.CustomerDeleteParams>()({}),
    ({ world, path: { id = "" } }) => deleteCustomer(world, present(world, id)),
  ),
  operation("GET /v1/customers", listParams, ({ world, params }) => {
    // Stripe leaves customers of test clocks out, unless their clock is asked for.
    const clock = params.test_clock ?? null;
    const found = world
      .all("customer")
      .filter(({ test_clock = null }) => test_clock === clock)
      .filter(({ email }) => params.email === undefined || params.email === email)
      .filter(({ created }) => isWithin(created, params.created));
    return pageOf("/v1/customers", found, params);
  }),
];
