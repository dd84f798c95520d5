import { describe, expect, test } from "vitest";
import type { ObjectType, StoredPayload } from "#lib/gateways/gateway.ts";
import * as make from "#tests/support/stripe-objects.ts";
import { type Changes, read, told } from "#tests/support/stripe-readings.ts";

const { BEGINNING } = make;

describe("a subscription is read", () => {
  const subscription = (...payloads: StoredPayload[]) => read("subscription", "sub_1", ...payloads);

  test("from its newest payload, with what it links to", () => {
    const found = subscription(
      told(10, "customer.subscription.updated", make.subscription({ status: "past_due" })),
      told(0, "customer.subscription.created", make.subscription({ status: "incomplete" })),
    );

    expect(found).toMatchObject({
      kind: "subscription",
      status: "past_due",
      customerRef: "cus_1",
      items: [{ priceRef: "price_1", quantity: 1 }],
      asOf: new Date((BEGINNING + 10) * 1_000),
      links: [
        { type: "customer", ref: "cus_1" },
        { type: "invoice", ref: "in_1" },
        { type: "price", ref: "price_1" },
      ],
    });
  });

  test("as canceled, not gone, once it was deleted, whatever a later clock says", () => {
    const found = subscription(
      told(5, "customer.subscription.deleted", make.subscription({ status: "canceled" })),
      told(9, "customer.subscription.updated", make.subscription()),
    );

    expect(found).toMatchObject({ kind: "subscription", status: "canceled" });
  });

  test("in one and the same second as whatever comes after its creation", () => {
    const found = subscription(
      told(0, "customer.subscription.updated", make.subscription()),
      told(0, "customer.subscription.created", make.subscription({ status: "incomplete" })),
    );

    expect(found).toMatchObject({ status: "active" });
  });

  test("from nothing that only a schedule or an upcoming invoice says", () => {
    const schedule = { object: "subscription_schedule", id: "s", subscription: "sub_1" };

    expect(
      subscription(
        told(0, "subscription_schedule.updated", schedule),
        told(0, "invoice.upcoming", make.invoice({ id: undefined })),
      ),
    ).toBeUndefined();
  });

  test("with what waits for its payment, and without what only its schedule could say", () => {
    const pending = { expires_at: BEGINNING + 60, subscription_items: [{ price: "price_2" }] };

    const found = subscription(
      told(
        0,
        "customer.subscription.updated",
        make.subscription({
          pending_update: pending,
          schedule: "sub_sched_1",
          pause_collection: { behavior: "void" },
          default_payment_method: "pm_1",
        }),
      ),
    );

    expect(found).toMatchObject({
      scheduleRef: "sub_sched_1",
      planned: undefined,
      unpaidChange: {
        until: new Date((BEGINNING + 60) * 1_000),
        items: [{ priceRef: "price_2", quantity: 1 }],
        invoiceRef: "in_1",
      },
      isCollectionPaused: true,
      methodRef: "pm_1",
    });
  });

  test("as planning nothing where it has no schedule", () => {
    expect(
      subscription(told(0, "customer.subscription.updated", make.subscription())),
    ).toMatchObject({
      scheduleRef: null,
      planned: null,
      unpaidChange: null,
      isCollectionPaused: false,
      methodRef: null,
    });
  });

  test("never from another one's payload", () => {
    expect(
      subscription(told(0, "customer.subscription.updated", make.subscription({ id: "sub_2" }))),
    ).toBeUndefined();
  });
});

describe("an invoice is read", () => {
  test("as void after open, and as gone when the draft was deleted", () => {
    const open = told(0, "invoice.finalized", make.invoice({ status: "open" }));

    expect(
      read("invoice", "in_1", open, told(5, "invoice.voided", make.invoice({ status: "void" }))),
    ).toMatchObject({ kind: "invoice", status: "void" });
    expect(
      read("invoice", "in_1", open, told(5, "invoice.deleted", make.invoice({ status: "draft" }))),
    ).toEqual({ kind: "gone", ref: "in_1" });
  });

  test("as paid though an older failure arrives last", () => {
    expect(
      read(
        "invoice",
        "in_1",
        told(9, "invoice.paid", make.invoice()),
        told(5, "invoice.payment_failed", make.invoice({ status: "open", amount_paid: 0 })),
      ),
    ).toMatchObject({ status: "paid", amountPaidMinor: 2900, amountRemainingMinor: 0 });
  });

  test("from nothing that only its payment says", () => {
    expect(
      read("invoice", "in_1", told(0, "invoice_payment.paid", make.invoicePayment())),
    ).toBeUndefined();
  });
});

describe("what was deleted is gone", () => {
  test.each<[ObjectType, string, string, Changes]>([
    ["customer", "cus_1", "customer.deleted", make.customer()],
    ["product", "prod_1", "product.deleted", make.product()],
    ["price", "price_1", "price.deleted", make.price()],
    ["price", "gold", "plan.deleted", { object: "plan", id: "gold", amount: 1 }],
  ])("for a %s", (type, ref, name, object) => {
    expect(read(type, ref, told(5, name, object))).toEqual({ kind: "gone", ref });
  });

  test("until a plan of the same id is made anew", () => {
    const plan = { object: "plan", id: "gold", amount: 500, currency: "usd", interval: "month" };

    expect(
      read("price", "gold", told(5, "plan.deleted", plan), told(60, "plan.created", plan)),
    ).toMatchObject({ kind: "price", amountMinor: 500, interval: "month" });
  });
});

describe("the rest is read", () => {
  test("for a customer only from its own payloads", () => {
    const method = { object: "payment_method", id: "pm_1", customer: "cus_1" };

    expect(read("customer", "cus_1", told(0, "payment_method.attached", method))).toBeUndefined();
    expect(
      read(
        "customer",
        "cus_1",
        told(0, "customer.created", make.customer({ metadata: { org_id: "org_7" } })),
      ),
    ).toMatchObject({
      email: "owner@example.com",
      claim: { organization: "org_7", source: "customer_metadata" },
    });
  });

  test("for a checkout of four members, without price, status or mode", () => {
    const found = read(
      "checkout",
      "cs_1",
      told(0, "checkout.session.completed", {
        id: "cs_1",
        customer: "cus_1",
        subscription: "sub_1",
        client_reference_id: "org_1",
      }),
    );

    expect(found).toMatchObject({
      purpose: "subscription",
      status: "complete",
      isPaid: true,
      paymentFailed: false,
      claim: { organization: "org_1", source: "checkout" },
      priceRefs: [],
      planCode: null,
    });
  });

  test("for a checkout whose delayed payment failed, then for one that succeeded", () => {
    const unpaid = make.checkoutSession({ payment_status: "unpaid" });
    const completed = told(0, "checkout.session.completed", unpaid);

    expect(read("checkout", "cs_test_1", completed)).toMatchObject({ isPaid: false });
    expect(
      read(
        "checkout",
        "cs_test_1",
        completed,
        told(9, "checkout.session.async_payment_failed", unpaid),
      ),
    ).toMatchObject({ status: "complete", isPaid: false, paymentFailed: true });
    expect(
      read(
        "checkout",
        "cs_test_1",
        completed,
        told(9, "checkout.session.async_payment_succeeded", make.checkoutSession()),
      ),
    ).toMatchObject({ isPaid: true, paymentFailed: false });
  });

  test("for a price told twice from the newer telling, with the lookup key of either", () => {
    const plan = { object: "plan", id: "price_1", amount: 3100, currency: "eur", interval: "year" };

    expect(
      read(
        "price",
        "price_1",
        told(0, "price.created", make.price({ lookup_key: "pro" })),
        told(9, "plan.updated", plan),
      ),
    ).toMatchObject({ amountMinor: 3100, interval: "year", lookupKey: "pro" });
  });

  test("for a dispute with the payment that it is about", () => {
    expect(
      read("dispute", "dp_1", told(0, "charge.dispute.created", make.dispute())),
    ).toMatchObject({
      status: "open",
      paymentRef: "pi_1",
      links: [{ type: "payment", ref: "pi_1" }],
    });
  });
});
