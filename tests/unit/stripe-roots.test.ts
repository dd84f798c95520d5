import { describe, expect, test } from "vitest";
import { parseEvent } from "#lib/gateways/stripe/event.ts";
import { payloadKey } from "#lib/gateways/stripe/payload-key.ts";
import { rootOf } from "#lib/gateways/stripe/roots.ts";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import * as make from "#tests/support/stripe-objects.ts";

type Changes = Record<string, unknown>;

function parsed(type: string, object: Changes, changes: Changes = {}) {
  const found = parseEvent(make.bodyOf(make.event(type, object, changes)));
  if (!found) throw new Error("not an event");
  return found;
}

function rung(type: string, object: Changes, changes: Changes = {}): string | undefined {
  const { root } = rootOf(parsed(type, object, changes));
  return root && `${root.type}:${root.ref}`;
}

function keyOf(type: string, object: Changes) {
  return payloadKey(parsed(type, object));
}

const ofCustomer = (object: string) => ({ object, id: "x_1", customer: "cus_1" });

describe("an event rings", () => {
  test.each<[string, Changes, string]>([
    ["checkout.session.completed", make.checkoutSession(), "checkout:cs_test_1"],
    ["customer.updated", make.customer(), "customer:cus_1"],
    ["customer.deleted", make.customer(), "customer:cus_1"],
    ["customer.subscription.updated", make.subscription(), "subscription:sub_1"],
    ["customer.subscription.trial_will_end", make.subscription(), "subscription:sub_1"],
    ["customer.discount.created", { object: "discount", customer: "cus_1" }, "customer:cus_1"],
    [
      "customer.source.expiring",
      { object: "card", id: "card_1", customer: "cus_1" },
      "customer:cus_1",
    ],
    ["customer.tax_id.updated", ofCustomer("tax_id"), "customer:cus_1"],
    ["payment_method.attached", ofCustomer("payment_method"), "customer:cus_1"],
    ["setup_intent.succeeded", ofCustomer("setup_intent"), "customer:cus_1"],
    ["billing_portal.session.created", ofCustomer("billing_portal.session"), "customer:cus_1"],
    [
      "entitlements.active_entitlement_summary.updated",
      { object: "entitlements.active_entitlement_summary", customer: "cus_1" },
      "customer:cus_1",
    ],
    ["charge.succeeded", make.charge(), "payment:pi_1"],
    ["charge.refunded", make.charge(), "payment:pi_1"],
    ["charge.refunded", make.charge({ payment_intent: null }), "payment:ch_1"],
    ["refund.created", make.refund(), "payment:pi_1"],
    ["charge.refund.updated", make.refund({ payment_intent: null }), "payment:ch_1"],
    ["charge.dispute.created", make.dispute(), "dispute:dp_1"],
    [
      "radar.early_fraud_warning.created",
      { object: "radar.early_fraud_warning", charge: "ch_1" },
      "payment:ch_1",
    ],
    ["payment_intent.succeeded", make.paymentIntent(), "payment:pi_1"],
    ["payment_intent.failed", make.paymentIntent(), "payment:pi_1"],
    ["invoice.paid", make.invoice(), "invoice:in_1"],
    ["invoice.upcoming", make.invoice({ id: undefined }), "subscription:sub_1"],
    ["invoice.upcoming", make.invoice({ id: "upcoming_in_1" }), "subscription:sub_1"],
    ["invoice_payment.paid", make.invoicePayment(), "invoice:in_1"],
    ["credit_note.created", { object: "credit_note", id: "cn_1", invoice: "in_1" }, "invoice:in_1"],
    [
      "invoiceitem.created",
      { object: "invoiceitem", id: "ii_1", invoice: { id: "in_1" } },
      "invoice:in_1",
    ],
    [
      "subscription_schedule.updated",
      { object: "subscription_schedule", id: "sub_sched_1", subscription: "sub_1" },
      "subscription:sub_1",
    ],
    [
      "subscription_schedule.released",
      {
        object: "subscription_schedule",
        id: "s",
        subscription: null,
        released_subscription: "sub_1",
      },
      "subscription:sub_1",
    ],
    ["price.updated", make.price(), "price:price_1"],
    ["plan.updated", { ...make.price(), object: "plan", id: "gold" }, "price:gold"],
    ["product.updated", make.product(), "product:prod_1"],
    ["some.type.of.2031", make.invoice(), "invoice:in_1"],
  ])("by %s the object that it is about", (type, object, root) => {
    expect(rung(type, object)).toBe(root);
  });

  test("by payment_method.detached the customer that it was attached to", () => {
    const object = { object: "payment_method", id: "pm_1", customer: null };

    expect(
      rung("payment_method.detached", object, {
        data: { previous_attributes: { customer: "cus_1" } },
      }),
    ).toBe("customer:cus_1");
  });

  test("by a checkout session of four members what its type implies", () => {
    expect(
      rung("checkout.session.completed", {
        id: "cs_1",
        customer: "cus_1",
        subscription: "sub_1",
        client_reference_id: "org_1",
      }),
    ).toBe("checkout:cs_1");
  });

  test("the same object when its references are expanded", () => {
    expect(rung("charge.succeeded", make.charge({ payment_intent: make.paymentIntent() }))).toBe(
      "payment:pi_1",
    );
  });
});

describe("an event rings nothing", () => {
  test.each<[string, Changes]>([
    ["payout.paid", { object: "payout", id: "po_1" }],
    ["coupon.created", { object: "coupon", id: "c_1" }],
    ["mandate.updated", { object: "mandate", id: "m_1" }],
    ["quote.accepted", { object: "quote", id: "qt_1" }],
    ["brand.new", { id: "x" }],
  ])("and says so for %s", (type, object) => {
    const { root, because } = rootOf(parsed(type, object));

    expect(root).toBeUndefined();
    expect(because).toBe(`Billhook mirrors nothing that ${type} is about.`);
  });

  test("and says so where a detail names no object of ours", () => {
    expect(
      rootOf(
        parsed("setup_intent.created", { object: "setup_intent", id: "seti_1", customer: null }),
      ),
    ).toMatchObject({ root: undefined, because: expect.stringContaining("setup intent") });
  });
});

describe("the key of a payload", () => {
  test("names the payload's own object, not the root", () => {
    expect(keyOf("charge.succeeded", make.charge()).object).toBe("charge:ch_1");
    expect(
      keyOf("customer.discount.created", { object: "discount", customer: "cus_1" }).object,
    ).toBe("discount:cus_1");
  });

  test.each<[string, string, Changes]>([
    ["canceled", "customer.subscription.updated", make.subscription({ status: "canceled" })],
    [
      "never begun",
      "customer.subscription.updated",
      make.subscription({ status: "incomplete_expired" }),
    ],
    ["deleted, whatever its status", "customer.subscription.deleted", make.subscription()],
    ["paid", "invoice.paid", make.invoice()],
    ["void", "invoice.voided", make.invoice({ status: "void" })],
    ["succeeded", "payment_intent.succeeded", make.paymentIntent()],
    ["complete", "checkout.session.completed", make.checkoutSession()],
    ["gone", "customer.deleted", make.customer()],
    ["failed", "refund.failed", make.refund({ status: "failed" })],
  ])("is terminal for what is %s", (_, type, object) => {
    expect(keyOf(type, object).terminal).toBe(true);
  });

  test.each<[string, string, Changes]>([
    ["an active subscription", "customer.subscription.updated", make.subscription()],
    ["an uncollectible invoice", "invoice.updated", make.invoice({ status: "uncollectible" })],
    ["a charge", "charge.refunded", make.charge({ refunded: true })],
    ["a succeeded refund", "refund.updated", make.refund()],
    ["a lost dispute", "charge.dispute.closed", make.dispute({ status: "lost" })],
    ["a deleted plan, whose id can be used again", "plan.deleted", { object: "plan", id: "gold" }],
  ])("is not terminal for %s", (_, type, object) => {
    expect(keyOf(type, object).terminal).toBe(false);
  });

  test("ranks by progress, and a creation lowest", () => {
    const subscriptions = [
      keyOf("customer.subscription.created", make.subscription({ status: "active" })),
      ...["incomplete", "trialing", "active", "past_due", "unpaid", "paused"].map((status) =>
        keyOf("customer.subscription.updated", make.subscription({ status })),
      ),
    ].map(({ rank }) => rank);
    const invoices = ["draft", "open", "uncollectible", "paid", "void"]
      .map((status) => keyOf("invoice.updated", make.invoice({ status })))
      .map(({ rank }) => rank);

    expect(subscriptions).toEqual([...subscriptions].sort((a, b) => a - b));
    expect(new Set(subscriptions).size).toBe(7);
    expect(invoices).toEqual([...invoices].sort((a, b) => a - b));
    expect(new Set(invoices).size).toBe(5);
  });

  test("ranks a failed payment above the one that waits, below the one that succeeded", () => {
    const waiting = make.paymentIntent({ status: "requires_payment_method" });
    const ranks = [
      keyOf("payment_intent.created", waiting),
      keyOf("payment_intent.processing", make.paymentIntent({ status: "processing" })),
      keyOf("payment_intent.payment_failed", waiting),
      keyOf("payment_intent.succeeded", make.paymentIntent()),
    ].map(({ rank }) => rank);

    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
    expect(new Set(ranks).size).toBe(4);
  });
});

describe("what is pasted into the settings", () => {
  test("is a signing secret when it starts with whsec_, without the white space around it", () => {
    expect(stripe.checkSecret("  whsec_abcdefghijklmnop\n")).toBe("whsec_abcdefghijklmnop");
  });

  test.each([
    ["sk_test_abcdefghijklmnop", /secret API key/],
    ["pk_live_abcdefghijklmnop", /publishable/],
    ["rk_live_abcdefghijklmnop", /restricted/],
    ["we_1abcdefghijklmnop", /id of a webhook endpoint/],
    ["whsec_short", /begins like a signing secret/],
    ["whsec_abcdefgh ijklmnopq", /white space/],
    ["", /Nothing/],
    ["hello", /nothing that Stripe hands out/],
  ])("is no signing secret when it is %s", (pasted, sentence) => {
    expect(() => stripe.checkSecret(pasted)).toThrow(sentence);
  });

  test("is an API key of its mode, secret or restricted", () => {
    expect(stripe.checkApiKey(" sk_test_abcdefgh1234 ")).toEqual({
      key: "sk_test_abcdefgh1234",
      mode: "test",
    });
    expect(stripe.checkApiKey("rk_live_abcdefgh1234").mode).toBe("live");
  });

  test.each([
    ["pk_test_abcdefghijklmnop", /publishable/],
    ["whsec_abcdefghijklmnop", /signing secret/],
    ["sk_abcdefghijklmnop", /secret API key/],
  ])("is no API key when it is %s", (pasted, sentence) => {
    expect(() => stripe.checkApiKey(pasted)).toThrow(sentence);
  });
});

test("every event to select at Stripe rings something when it carries its object", () => {
  const kinds = new Set(stripe.eventTypes.map((type) => type.split(".")[0]));

  expect(new Set(stripe.eventTypes).size).toBe(stripe.eventTypes.length);
  expect([...kinds].every((kind) => rungByKind(kind ?? ""))).toBe(true);
});

function rungByKind(kind: string): boolean {
  const type = stripe.eventTypes.find((each) => each.startsWith(`${kind}.`)) ?? "";
  return (
    rung(type, { id: "x_1", customer: "c", invoice: "i", subscription: "s", charge: "ch" }) !==
    undefined
  );
}
