import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operations } from "#sandbox/operations.ts";
import type { Kind } from "#sandbox/state/kinds.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { checkOut, invoice, keepCustomers, pay, sell } from "#tests/support/sandbox-life.ts";
import { subscribe } from "#tests/support/sandbox-life-subscribed.ts";
import { type Answered, claimsOf, overheard } from "#tests/support/sandbox-wire.ts";
import { type Claimed, shapeFaults } from "#tests/support/sdk-shapes.ts";
import { readTree, textOf } from "#tests/support/source.ts";

/** What each address names, and what can be expanded there. */
const RESOURCES: Readonly<Record<string, { kind: Kind; expands?: readonly string[] }>> = {
  "/v1/balance_transactions": { kind: "balance_transaction", expands: ["source"] },
  "/v1/charges": {
    kind: "charge",
    expands: ["balance_transaction", "customer", "payment_intent.payment_method", "refunds"],
  },
  "/v1/disputes": { kind: "dispute", expands: ["charge", "payment_intent"] },
  "/v1/payment_intents": {
    kind: "payment_intent",
    expands: ["customer", "latest_charge.balance_transaction", "payment_method"],
  },
  "/v1/payment_methods": { kind: "payment_method", expands: ["customer"] },
  "/v1/refunds": { kind: "refund", expands: ["balance_transaction", "charge", "payment_intent"] },
  "/v1/setup_intents": { kind: "setup_intent", expands: ["customer", "payment_method"] },
  "/v1/checkout/sessions": {
    kind: "checkout.session",
    expands: [
      "customer",
      "invoice",
      "line_items",
      "payment_intent",
      "setup_intent",
      "subscription",
    ],
  },
  "/v1/payment_pages": { kind: "checkout.session" },
  "/v1/coupons": { kind: "coupon", expands: ["applies_to"] },
  "/v1/customers": {
    kind: "customer",
    expands: [
      "invoice_settings.default_payment_method",
      "sources",
      "subscriptions.data.items",
      "tax_ids",
      "test_clock",
    ],
  },
  "/v1/billing_portal/configurations": { kind: "billing_portal.configuration" },
  "/v1/plans": { kind: "price", expands: ["product"] },
  "/v1/prices": { kind: "price", expands: ["product"] },
  "/v1/products": { kind: "product", expands: ["default_price"] },
  "/v1/promotion_codes": { kind: "promotion_code", expands: ["customer", "promotion.coupon"] },
  "/v1/credit_notes": { kind: "credit_note", expands: ["customer", "invoice", "refunds.refund"] },
  "/v1/subscription_schedules": {
    kind: "subscription_schedule",
    expands: ["customer", "phases.items.price", "subscription"],
  },
  "/v1/subscriptions": {
    kind: "subscription",
    expands: [
      "customer",
      "default_payment_method",
      "discounts.source.coupon",
      "items.data.price.product",
      "latest_invoice.payments",
      "schedule",
    ],
  },
  "/v1/invoiceitems": { kind: "invoiceitem", expands: ["customer", "discounts", "invoice"] },
  "/v1/invoice_payments": {
    kind: "invoice_payment",
    expands: ["invoice", "payment.payment_intent"],
  },
  "/v1/invoices": {
    kind: "invoice",
    expands: [
      "confirmation_secret",
      "customer",
      "discounts",
      "parent.subscription_details.subscription",
      "payments.data.payment.payment_intent",
    ],
  },
  "/v1/tax_rates": { kind: "tax_rate" },
  "/v1/events": { kind: "event" },
  "/v1/test_helpers/test_clocks": { kind: "test_helpers.test_clock" },
  "/v1/webhook_endpoints": { kind: "webhook_endpoint" },
};

/** How many of each kind are looked at with each of their members expanded, from either end. */
const EXPANDED = 6;

let box: Box;
let answers: Answered[];
let delivered: unknown[];
const hook = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    delivered.push(JSON.parse(body));
    response.end();
  });
});

beforeAll(async () => {
  delivered = [];
  await new Promise<void>((done) => hook.listen(0, "127.0.0.1", done));
  const address = hook.address();
  const port = typeof address === "object" ? address?.port : undefined;
  ({ box, answers } = overheard(await startSandbox()));
  await keepCustomers(box, `http://127.0.0.1:${port}`);
  for (const chapter of [sell, checkOut, pay, invoice, subscribe]) await chapter(box);
  await box.courier.idle();
}, 60_000);
afterAll(async () => {
  await box.close();
  hook.closeAllConnections();
  await new Promise((done) => hook.close(done));
});

describe("after a long life", () => {
  test("all that was answered meanwhile has the SDK's shape", async () => {
    const claims = unique(answers.flatMap(claimsOf));

    expect(claims.length).toBeGreaterThan(200);
    expect(await shapeFaults(claims)).toEqual([]);
  }, 60_000);

  test("everything has the SDK's shape wherever it can be read, and with its parts expanded", async () => {
    const read: Answered[] = [];
    for (const call of READS.flatMap(callsOf)) {
      const { status, json } = await box.get(call);
      read.push({ call, status, json });
    }

    expect(read.filter(({ status }) => status !== 200)).toEqual([]);
    expect(await shapeFaults(unique(read.flatMap(claimsOf)))).toEqual([]);
  }, 120_000);

  test("every event has the SDK's shape where it arrives", async () => {
    const claims = delivered.flatMap((json) => claimsOf({ call: "webhook", status: 200, json }));

    expect(claims).toHaveLength(box.world.all("event").length);
    expect(await shapeFaults(claims)).toEqual([]);
  }, 60_000);

  test("no event that the sandbox can make is missing from that", () => {
    const told = new Set<string>(box.world.all("event").map(({ type }) => type));

    const named = readTree()
      .filter(({ path }) => path.startsWith("sandbox/"))
      .flatMap(({ path }) => [...textOf(path).matchAll(/emit\(\s*world,\s*"([^"]+)"/g)])
      .flatMap(([, name]) => name ?? []);
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter((name) => !told.has(name))).toEqual([]);
  });
});

/** Reads that there are; the sandbox searches for nothing. */
const READS = operations.filter(({ method, path }) => method === "GET" && !/search$/.test(path));

/** All ways to read what an operation names: each object, each member of some of them expanded, lists. */
function callsOf({ path }: { readonly path: string }): string[] {
  const [base = "", below = ""] = path.split(/\/:id|\/:customer/, 2);
  if (path in ONCE) return [ONCE[path]?.() ?? ""];
  const resource = RESOURCES[base];
  if (!resource) throw new Error(`nobody reads ${path}`);
  const { kind, expands = [] } = resource;
  if (base === path) {
    const expanded = expands.map((name) => `${path}?limit=${EXPANDED}&expand[]=data.${name}`);
    return [`${path}?limit=100`, ...expanded.filter((call) => call.split(".").length < 5)];
  }
  const ids = idsOf(base, kind);
  if (below !== "" || path.includes("/:customer/")) {
    return ids.slice(0, EXPANDED).map((id) => path.replace(/:id|:customer/, id));
  }
  const some = [...ids.slice(0, EXPANDED), ...ids.slice(-EXPANDED)];
  return [
    ...ids.map((id) => `${base}/${id}`),
    ...some.flatMap((id) => expands.map((name) => `${base}/${id}?expand[]=${name}`)),
  ];
}

function idsOf(base: string, kind: Kind): string[] {
  if (base !== "/v1/plans") return box.world.all(kind).map(({ id }) => id);
  return box.world.all("price").flatMap(({ id, recurring }) => (recurring ? [id] : []));
}

/** Addresses that want more than an id. */
const ONCE: Readonly<Record<string, () => string>> = {
  "/v1/balance": () => "/v1/balance",
  "/v1/customers/:id/payment_methods/:method": () => {
    const saved = box.world.all("payment_method").find(({ customer }) => customer !== null);
    return `/v1/customers/${saved?.customer}/payment_methods/${saved?.id}`;
  },
  "/v1/customers/:customer/balance_transactions/:id": () => {
    const [first] = box.world.all("customer_balance_transaction");
    return `/v1/customers/${first?.customer}/balance_transactions/${first?.id}`;
  },
  "/v1/customers/:customer/tax_ids/:id": () => {
    const [first] = box.world.all("tax_id");
    return `/v1/customers/${first?.customer}/tax_ids/${first?.id}`;
  },
  "/v1/credit_notes/preview": () => `/v1/credit_notes/preview?${ofPaidInvoice()}`,
  "/v1/credit_notes/preview/lines": () => `/v1/credit_notes/preview/lines?${ofPaidInvoice()}`,
  "/v1/subscription_items": () =>
    `/v1/subscription_items?subscription=${box.world.all("subscription")[0]?.id}`,
  "/v1/subscription_items/:id": () =>
    `/v1/subscription_items/${box.world.all("subscription")[0]?.items.data[0]?.id}`,
};

function ofPaidInvoice(): string {
  const paid = box.world.all("invoice").findLast(({ amount_paid }) => amount_paid > 500);
  return `invoice=${paid?.id}&amount=100&credit_amount=100`;
}

function unique(claims: readonly Claimed[]): Claimed[] {
  return [...new Map(claims.map((claim) => [JSON.stringify(claim.json), claim])).values()];
}
