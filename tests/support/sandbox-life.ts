import type Stripe from "stripe";
import type { Box } from "./sandbox.ts";
import { draft, finalized, payer, taxedBy } from "./sandbox-billing.ts";
import { priced } from "./sandbox-subscriptions.ts";

/** Everything that can be sold, changed and taken away. */
export async function sell({ stripe }: Box): Promise<void> {
  const product = await stripe.products.create({
    name: "Pro",
    description: "All of it",
    images: ["https://example.com/pro.png"],
    marketing_features: [{ name: "Fast" }],
    metadata: { tier: "pro" },
    url: "https://example.com",
  });
  const price = await stripe.prices.create({
    product: product.id,
    currency: "usd",
    unit_amount: 1_000,
    lookup_key: "pro",
    recurring: { interval: "month", interval_count: 3 },
  });
  await stripe.prices.update(price.id, { nickname: "Quarterly", active: false });
  await stripe.products.update(product.id, { default_price: price.id, name: "Pro 2" });
  await stripe.products.del((await stripe.products.create({ name: "Gone" })).id);
  const plan = await stripe.plans.create({
    product: product.id,
    amount: 900,
    currency: "usd",
    interval: "year",
  });
  await stripe.plans.update(plan.id, { nickname: "Yearly" });
  await stripe.plans.del(plan.id);
  const coupon = await stripe.coupons.create({
    duration: "repeating",
    duration_in_months: 3,
    amount_off: 100,
    currency: "usd",
    applies_to: { products: [product.id] },
    max_redemptions: 5,
    redeem_by: 2_000_000_000,
  });
  await stripe.coupons.update(coupon.id, { name: "Welcome" });
  await stripe.coupons.del((await stripe.coupons.create({ percent_off: 5 })).id);
  const vat = await stripe.taxRates.create({
    display_name: "Sales tax",
    inclusive: false,
    percentage: 8.875,
    country: "US",
    state: "NY",
    tax_type: "sales_tax",
  });
  await stripe.taxRates.update(vat.id, { active: false, jurisdiction: "NY" });
  const code = await stripe.promotionCodes.create({
    promotion: { type: "coupon", coupon: coupon.id },
    code: "WELCOME",
    restrictions: {
      first_time_transaction: true,
      minimum_amount: 10,
      minimum_amount_currency: "usd",
    },
  });
  await stripe.promotionCodes.update(code.id, { active: false });
}

/** Customers with all that they can have, their portal, and what listens to them. */
export async function keepCustomers(box: Box, hook: string): Promise<void> {
  const { stripe } = box;
  const endpoint = await stripe.webhookEndpoints.create({ url: hook, enabled_events: ["*"] });
  await stripe.webhookEndpoints.update(endpoint.id, { description: "All" });
  const spare = await stripe.webhookEndpoints.create({
    url: hook,
    enabled_events: ["plan.created"],
  });
  await stripe.webhookEndpoints.del(spare.id);
  const address = { line1: "1 Road", city: "Ghent", country: "BE", postal_code: "9000" };
  const { id } = await payer(box, "pm_card_visa", {
    address,
    balance: -500,
    description: "A customer",
    name: "Jenny Rosen",
    phone: "+32 1",
    preferred_locales: ["nl"],
    shipping: { address, name: "Jenny" },
    metadata: { a: "1" },
  });
  await stripe.customers.createBalanceTransaction(id, { amount: 300, currency: "usd" });
  await stripe.customers.createTaxId(id, { type: "eu_vat", value: "BE0123456789" });
  const taxId = await stripe.customers.createTaxId(id, { type: "us_ein", value: "12-3456789" });
  await stripe.customers.deleteTaxId(id, taxId.id);
  const { id: coupon } = await stripe.coupons.create({ percent_off: 10, duration: "forever" });
  await box.post(`/v1/customers/${id}`, `coupon=${coupon}`);
  await box.post(`/v1/customers/${id}`, `coupon=${coupon}`);
  await stripe.customers.retrieve(id);
  await stripe.customers.deleteDiscount(id);
  const { data: methods } = await stripe.customers.listPaymentMethods(id);
  await stripe.paymentMethods.update(methods[0]?.id ?? "", { metadata: { a: "1" } });
  const configuration = await stripe.billingPortal.configurations.create({
    features: {
      customer_update: { enabled: true, allowed_updates: ["email"] },
      invoice_history: { enabled: true },
      payment_method_update: { enabled: true },
      subscription_cancel: { enabled: true, mode: "at_period_end" },
    },
  });
  await stripe.billingPortal.configurations.update(configuration.id, { metadata: { a: "1" } });
  await stripe.billingPortal.sessions.create({ customer: id });
  await stripe.billingPortal.sessions.create({
    customer: id,
    flow_data: { type: "payment_method_update" },
  });
  await stripe.paymentMethods.detach(methods[0]?.id ?? "");
  await stripe.customers.del((await stripe.customers.create()).id);
}

/** Sessions of each mode, and each end that they can come to. */
export async function checkOut(box: Box): Promise<void> {
  const { stripe } = box;
  const plan = await priced(box, 1_500);
  const { id: coupon } = await stripe.coupons.create({ percent_off: 50, duration: "once" });
  const success_url = "https://example.com/{CHECKOUT_SESSION_ID}";
  const buying: Stripe.Checkout.SessionCreateParams = {
    mode: "payment",
    success_url,
    line_items: [
      {
        price_data: { currency: "eur", unit_amount: 900, product_data: { name: "A book" } },
        quantity: 2,
      },
    ],
  };
  const subscribing: Stripe.Checkout.SessionCreateParams = {
    mode: "subscription",
    success_url,
    line_items: [{ price: plan, quantity: 1 }],
  };
  const complete = async (given: Stripe.Checkout.SessionCreateParams, method = "pm_card_visa") => {
    const { id } = await stripe.checkout.sessions.create(given);
    await box.post(`/v1/payment_pages/${id}/confirm`, `payment_method=${method}`);
    await stripe.checkout.sessions.retrieve(id, { expand: ["line_items", "payment_intent"] });
    await stripe.checkout.sessions.listLineItems(id);
    return id;
  };
  await complete(buying);
  await complete({ ...buying, invoice_creation: { enabled: true }, client_reference_id: "me" });
  await complete({ ...buying, customer_email: "a@example.com" }, "pm_card_chargeDeclined");
  await complete({ ...subscribing, discounts: [{ coupon }] });
  await complete({ ...subscribing, subscription_data: { trial_period_days: 7 } });
  await complete({ mode: "setup", success_url, currency: "usd" });
  const vat = await taxedBy(box, { inclusive: true });
  await complete({ ...subscribing, subscription_data: { default_tax_rates: [vat] } });
  const { id: dutch } = await payer(box, "pm_card_visa", { address: { country: "NL" } });
  await complete({ ...subscribing, automatic_tax: { enabled: true }, customer: dutch });
  const asking = await complete(buying, "pm_card_authenticationRequired");
  const waiting = box.world.all("checkout_plan").find(({ id }) => id === asking)?.pending?.intent;
  await box.control(`/intents/${waiting}/approve`, {});
  for (const iban of ["AT611904300234573201", "AT861904300235473202"]) {
    const { id } = await stripe.paymentMethods.create({
      type: "sepa_debit",
      sepa_debit: { iban },
      billing_details: { email: "a@example.com", name: "A" },
    });
    const shipping = { name: "A", address: { line1: "1 Road", country: "BE" } };
    await complete(
      {
        ...buying,
        allowed_payment_method_types: ["sepa_debit"],
        payment_intent_data: { setup_future_usage: "off_session", shipping },
      },
      id,
    );
  }
  await stripe.checkout.sessions.expire((await stripe.checkout.sessions.create(buying)).id);
  await stripe.checkout.sessions.create({ ...subscribing, allow_promotion_codes: true });
  await box.control("/clock", { by: 60 });
}

/** Cards of all kinds, refunds of all ends, disputes of all ends. */
export async function pay(box: Box): Promise<void> {
  const { stripe } = box;
  const { id: customer } = await payer(box);
  const charge = (method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
    stripe.paymentIntents.create({
      amount: 2_000,
      currency: "usd",
      payment_method: method,
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: "never" },
      ...more,
    });
  const refused = (work: Promise<unknown>) => work.catch(() => undefined);
  await charge("pm_card_bypassPending", { customer, setup_future_usage: "off_session" });
  await refused(charge("pm_card_chargeDeclinedInsufficientFunds"));
  const held = await charge("pm_card_mastercard", { capture_method: "manual" });
  await stripe.charges.update(String(held.latest_charge), { metadata: { a: "1" } });
  await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1_500 });
  const asked = await charge("pm_card_authenticationRequired");
  await box.control(`/intents/${asked.id}/approve`, {});
  const failing = await charge("pm_card_authenticationRequired");
  await box.control(`/intents/${failing.id}/refuse`, {});
  await stripe.paymentIntents.cancel(failing.id, { cancellation_reason: "abandoned" });
  for (const method of ["pm_card_visa", "pm_card_pendingRefund", "pm_card_refundFail"]) {
    const { id } = await charge(method);
    const refund = await stripe.refunds.create({ payment_intent: id, amount: 500 });
    await stripe.refunds.update(refund.id, { metadata: { a: "1" } });
    await refused(stripe.refunds.create({ payment_intent: id, amount: 5_000 }));
  }
  const ends = ["winning_evidence", "losing_evidence", undefined];
  for (const evidence of ends) {
    const { id } = await charge("pm_card_createDispute");
    const { data } = await stripe.disputes.list({ payment_intent: id });
    const dispute = data[0]?.id ?? "";
    if (evidence === undefined) await stripe.disputes.close(dispute);
    else
      await stripe.disputes.update(dispute, {
        evidence: { uncategorized_text: evidence },
        submit: true,
      });
  }
  await charge("pm_card_createDisputeInquiry");
  await box.control("/clock", { by: 3_600 });
  const lost = (await stripe.disputes.list()).data.find(({ status }) => status === "lost");
  await box.control(`/disputes/${lost?.id}/appeal`, {});
  const setup = await stripe.setupIntents.create({
    customer,
    payment_method: "pm_card_visa",
    confirm: true,
  });
  await stripe.setupIntents.update(setup.id, { metadata: { a: "1" } });
  await refused(
    stripe.setupIntents.create({
      customer,
      payment_method: "pm_card_chargeDeclined",
      confirm: true,
    }),
  );
  const waiting = await stripe.setupIntents.create({
    customer,
    payment_method: "pm_card_authenticationRequired",
    confirm: true,
    return_url: "https://example.com",
  });
  await box.control(`/intents/${waiting.id}/refuse`, {});
  await stripe.setupIntents.cancel(waiting.id);
}

/** Invoices of all standings, by hand. */
export async function invoice(box: Box): Promise<void> {
  const { stripe } = box;
  const { id: customer } = await payer(box);
  const { id: coupon } = await stripe.coupons.create({ percent_off: 10, duration: "once" });
  const { id } = await finalized(box, customer, [1_000, 900], { discounts: [{ coupon }] });
  const note = await stripe.creditNotes.create({ invoice: id, amount: 100 });
  await stripe.creditNotes.update(note.id, { memo: "Sorry" });
  await stripe.invoices.pay(id, { expand: ["payments", "confirmation_secret"] });
  await stripe.creditNotes.create({
    invoice: id,
    amount: 300,
    credit_amount: 100,
    refund_amount: 200,
  });
  await stripe.creditNotes.preview({ invoice: id, amount: 100, credit_amount: 100 });
  const vat = await taxedBy(box);
  const taxed = await finalized(box, customer, [1_000], { default_tax_rates: [vat] });
  await stripe.creditNotes.create({
    invoice: taxed.id,
    lines: [
      { type: "invoice_line_item", invoice_line_item: taxed.lines.data[0]?.id ?? "", amount: 500 },
      { type: "custom_line_item", unit_amount: 100, quantity: 1, tax_rates: [vat] },
    ],
  });
  const open = await finalized(box, customer, [1_000]);
  const voided = await stripe.creditNotes.create({ invoice: open.id, amount: 100 });
  await stripe.creditNotes.voidCreditNote(voided.id);
  await stripe.invoices.voidInvoice(open.id);
  await stripe.invoices.markUncollectible((await finalized(box, customer, [1_000])).id);
  await stripe.invoices.del((await draft(box, customer, [1_000])).id);
  const sent = await draft(box, customer, [700], {
    collection_method: "send_invoice",
    days_until_due: 3,
    footer: "Thanks",
  });
  await stripe.invoices.update(sent.id, { description: "Work", metadata: { a: "1" } });
  await stripe.invoices.sendInvoice(sent.id);
  await stripe.invoices.pay(sent.id, { paid_out_of_band: true });
  const { id: item } = await stripe.invoiceItems.create({ customer, amount: 5, currency: "usd" });
  await stripe.invoiceItems.update(item, { amount: 6 });
  await stripe.invoiceItems.del(item);
  const { id: poor } = await payer(box, "pm_card_chargeCustomerFail");
  const unpaid = await finalized(box, poor, [1_000]);
  await stripe.invoices.pay(unpaid.id).catch(() => undefined);
  const { id: asked } = await payer(box, "pm_card_authenticationRequired");
  await stripe.invoices.pay((await finalized(box, asked, [900])).id).catch(() => undefined);
  await box.control("/clock", { by: 86_400 * 5 });
}
