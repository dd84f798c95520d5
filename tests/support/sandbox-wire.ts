import Stripe from "stripe";
import { type Box, KEY } from "./sandbox.ts";
import { type Claimed, eventType } from "./sdk-shapes.ts";

/** One answer as it was on the wire. */
export type Answered = { readonly call: string; readonly status: number; readonly json: unknown };

/** The same sandbox with a client that writes down every answer as it came, before the client reads it. */
export function overheard(box: Box): { box: Box; answers: Answered[] } {
  const answers: Answered[] = [];
  const listening: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const call = `${init?.method ?? "GET"} ${pathname.replace(/\/[a-z_]+_\w{8,}/g, "/:id")}`;
    answers.push({ call, status: answer.status, json: await answer.clone().json() });
    return answer;
  };
  const { hostname, port } = new URL(box.url);
  const stripe = new Stripe(KEY, {
    host: hostname,
    port,
    protocol: "http",
    maxNetworkRetries: 0,
    httpClient: Stripe.createFetchHttpClient(listening),
  });
  return { box: { ...box, stripe }, answers };
}

/** The SDK's type of each `object`, and of what is left of it when it is deleted. */
const TYPES: Readonly<Record<string, string>> = {
  balance: "Stripe.Balance",
  balance_transaction: "Stripe.BalanceTransaction",
  "billing_portal.configuration": "Stripe.BillingPortal.Configuration",
  "billing_portal.session": "Stripe.BillingPortal.Session",
  charge: "Stripe.Charge",
  "checkout.session": "Stripe.Checkout.Session",
  coupon: "Stripe.Coupon",
  credit_note: "Stripe.CreditNote",
  credit_note_line_item: "Stripe.CreditNoteLineItem",
  customer: "Stripe.Customer",
  customer_balance_transaction: "Stripe.CustomerBalanceTransaction",
  dispute: "Stripe.Dispute",
  invoice: "Stripe.Invoice",
  invoice_payment: "Stripe.InvoicePayment",
  invoiceitem: "Stripe.InvoiceItem",
  item: "Stripe.LineItem",
  line_item: "Stripe.InvoiceLineItem",
  payment_intent: "Stripe.PaymentIntent",
  payment_method: "Stripe.PaymentMethod",
  plan: "Stripe.Plan",
  price: "Stripe.Price",
  product: "Stripe.Product",
  promotion_code: "Stripe.PromotionCode",
  refund: "Stripe.Refund",
  setup_intent: "Stripe.SetupIntent",
  subscription: "Stripe.Subscription",
  subscription_item: "Stripe.SubscriptionItem",
  subscription_schedule: "Stripe.SubscriptionSchedule",
  tax_id: "Stripe.TaxId",
  tax_rate: "Stripe.TaxRate",
  "test_helpers.test_clock": "Stripe.TestHelpers.TestClock",
  webhook_endpoint: "Stripe.WebhookEndpoint",
};

/** What an answer claims to be: an object, what is left of one, a list of them, or a refusal. */
export function claimsOf({ call, status, json }: Answered): Claimed[] {
  if (status >= 400) return [{ type: REFUSAL, json, says: `${call} ${status}` }];
  if (!isRecord(json)) throw new Error(`${call} answers no object`);
  const lists = LISTS[String(json.object)];
  if (lists && Array.isArray(json.data)) {
    const list = { type: lists, json: { ...json, data: [] }, says: call };
    return [list, ...json.data.flatMap((item) => claimsOf({ call, status, json: item }))];
  }
  return [
    { type: typeOf(json, call), json: upcomingNamed(json), says: `${call} ${json.type ?? ""}` },
  ];
}

const LISTS: Readonly<Record<string, string>> = {
  list: "Stripe.ApiList<never>",
  search_result: "Stripe.ApiSearchResult<never>",
};

function typeOf({ object, deleted, type }: Record<string, unknown>, call: string): string {
  if (object === "event") return eventType(String(type));
  // The SDK names no type for a discount but in the objects that have one.
  if (object === "discount") return "Stripe.DeletedDiscount";
  const known = TYPES[String(object)];
  if (known === undefined) throw new Error(`${call} answers an unknown object: ${object}`);
  return deleted === true ? known.replace(/(\w+)$/, "Deleted$1") : known;
}

/** The one exception: an invoice that is only announced has no id yet, which the SDK does not declare. */
function upcomingNamed(json: Record<string, unknown>): unknown {
  if (json.type !== "invoice.upcoming" || !isRecord(json.data)) return json;
  const { object } = json.data;
  if (!isRecord(object) || "id" in object) throw new Error("an upcoming invoice has an id");
  return { ...json, data: { ...json.data, object: { ...object, id: "in_none" } } };
}

const REFUSAL = `{ error: {
  type: "api_error" | "card_error" | "idempotency_error" | "invalid_request_error";
  message: string; code?: string; param?: string; decline_code?: string; doc_url?: string;
  charge?: string; payment_intent?: Stripe.PaymentIntent; setup_intent?: Stripe.SetupIntent;
  payment_method?: Stripe.PaymentMethod; } }`.replaceAll("\n", " ");

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
