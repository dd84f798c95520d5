import type Stripe from "stripe";
import { missing } from "../protocol/errors.ts";
import { mergeMetadata } from "../protocol/params.ts";
import type { World } from "../state/world.ts";
import type { SessionParams } from "./params.ts";
import type { CheckoutPlan } from "./plan.ts";

type Session = Stripe.Checkout.Session;

/** A session with all that the parameters say as it is, and Stripe's nulls. */
export function blankSession(given: SessionParams): Session {
  const isPayment = given.mode === "payment";
  return {
    id: "",
    object: "checkout.session",
    adaptive_pricing: isPayment ? { enabled: false } : null,
    after_expiration: null,
    allow_promotion_codes: given.allow_promotion_codes ?? null,
    allowed_payment_method_types: given.allowed_payment_method_types ?? null,
    amount_subtotal: null,
    amount_total: null,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: given.billing_address_collection ?? null,
    cancel_url: given.cancel_url ?? null,
    client_reference_id: given.client_reference_id ?? null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: 0,
    currency: null,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
    },
    customer: null,
    customer_account: null,
    customer_creation: customerCreationOf(given),
    customer_details: null,
    customer_email: given.customer_email ?? null,
    discounts: null,
    expires_at: 0,
    integration_identifier: null,
    invoice: null,
    invoice_creation: isPayment ? invoiceCreationOf(given) : null,
    livemode: false,
    locale: given.locale ?? null,
    managed_payments: null,
    metadata: mergeMetadata(null, given.metadata),
    mode: given.mode,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection:
      given.payment_method_collection ?? (isPayment ? "if_required" : "always"),
    payment_method_configuration_details: null,
    payment_method_options:
      given.allowed_payment_method_types?.includes("card") === false
        ? {}
        : { card: { request_three_d_secure: "automatic" } },
    payment_method_types: [...(given.allowed_payment_method_types ?? ["card"])],
    payment_status: given.mode === "setup" ? "no_payment_required" : "unpaid",
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: "open",
    submit_type: given.submit_type ?? null,
    subscription: null,
    success_url: given.success_url,
    total_details: null,
    ui_mode: "hosted_page",
    url: null,
    wallet_options: null,
  };
}

function customerCreationOf(given: SessionParams): Session["customer_creation"] {
  if (given.customer !== undefined) return null;
  return given.mode === "subscription" ? "always" : (given.customer_creation ?? "if_required");
}

function invoiceCreationOf({
  invoice_creation: asked,
}: SessionParams): Session["invoice_creation"] {
  return {
    enabled: asked?.enabled ?? false,
    invoice_data: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: null,
      metadata: mergeMetadata(null, asked?.invoice_data?.metadata),
      rendering_options: null,
    },
  };
}

/** What is known of the customer, in the session's own words; null as long as nothing is. */
export function detailsOf(
  email: string | null | undefined,
  name: string | null | undefined,
  address: Stripe.Address | null = null,
): Session["customer_details"] {
  if (!email && !name) return null;
  return {
    address,
    business_name: null,
    email: email ?? null,
    individual_name: null,
    name: name ?? null,
    phone: null,
    tax_exempt: "none",
    tax_ids: [],
  };
}

/** The discounts of a session as it says them: as they were given, and the code that was entered. */
export function discountsOf({
  given: { discounts = [] },
  promotionCode,
}: CheckoutPlan): Session["discounts"] {
  const entered = promotionCode ? [{ coupon: null, promotion_code: promotionCode }] : [];
  const asked = discounts.map(({ coupon = null, promotion_code = null }) => ({
    coupon,
    promotion_code,
  }));
  return [...asked, ...entered];
}

/** The session of an id, or 404. */
export function sessionOf(world: World, id: string): Session {
  const session = world.get("checkout.session", id);
  if (!session) throw missing("checkout.session", id, "session");
  return session;
}

export function planOf(world: World, session: Session): CheckoutPlan {
  const plan = world.get("checkout_plan", session.id);
  if (!plan) throw new Error(`a session without its plan: ${session.id}`);
  return plan;
}
