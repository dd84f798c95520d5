import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AppError } from "#lib/errors.ts";
import type { Connection, ObjectRef, ObjectType } from "#lib/gateways/gateway.ts";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import * as make from "#tests/support/stripe-objects.ts";
import { type StripeStub, startStripeStub } from "#tests/support/stripe-stub.ts";

let stub: StripeStub;

beforeEach(async () => {
  stub = await startStripeStub();
});
afterEach(async () => {
  await stub.stop();
});

function connection(changes: Partial<Connection> = {}): Connection {
  return {
    gateway: "stripe",
    mode: "test",
    apiKey: "sk_test_stub12345678",
    apiBase: stub.url,
    ...changes,
  };
}

function fetchOf(type: ObjectType, ref: string, signal = AbortSignal.timeout(10_000)) {
  return stripe.fetch({ type, ref }, connection(), signal);
}

/** What a promise fails with, as far as callers may rely on it. */
async function failure(promise: Promise<unknown>) {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`no AppError but ${String(error)}`);
  return error;
}

describe("an object as it is now", () => {
  const everything: [ObjectRef, make.StripeObject][] = [
    [{ type: "customer", ref: "cus_1" }, make.customer()],
    [{ type: "subscription", ref: "sub_1" }, make.subscription()],
    [{ type: "invoice", ref: "in_1" }, make.invoice()],
    [{ type: "dispute", ref: "dp_1" }, make.dispute()],
    [{ type: "checkout", ref: "cs_test_1" }, make.checkoutSession()],
    [{ type: "price", ref: "price_1" }, make.price()],
    [{ type: "product", ref: "prod_1" }, make.product()],
  ];

  test.each(everything)("is read like a payload of it: %o", async (ref, object) => {
    stub.set(object);

    const fetched = await stripe.fetch(ref, connection(), AbortSignal.timeout(5_000));

    const event = make.event("told.by.payload", object);
    const told = stripe.read(ref, [make.stored(event)]);
    const fetchedOnly =
      ref.type === "customer" ? { methods: [] } : ref.type === "invoice" ? { creditNotes: [] } : {};
    expect({ ...fetched, asOf: undefined }).toEqual({ ...told, ...fetchedOnly, asOf: undefined });
  });

  test("is asked for in our version, with our key, and is as old as the question", async () => {
    stub.set(make.customer());
    const before = new Date();

    const found = await fetchOf("customer", "cus_1");

    expect(stub.requests.map(({ path }) => path)).toEqual([
      "/v1/customers/cus_1",
      "/v1/payment_methods",
    ]);
    expect(stub.requests[0]).toMatchObject({
      path: "/v1/customers/cus_1",
      apiVersion: "2026-10-28.endive",
      key: "sk_test_stub12345678",
    });
    if (!("asOf" in found)) throw new Error("not found");
    expect(found.asOf >= before && found.asOf <= new Date()).toBe(true);
  });

  test("has a payment's charge, what went back, and its invoice, which only the invoice knows", async () => {
    stub.set(
      make.paymentIntent(),
      make.charge({ amount_refunded: 900, disputed: true }),
      make.invoicePayment({ invoice: "in_9" }),
    );

    expect(await fetchOf("payment", "pi_1")).toMatchObject({
      status: "succeeded",
      refundedSoFarMinor: 900,
      isDisputed: true,
      method: "visa •••• 4242",
      invoiceRef: "in_9",
    });
  });

  test("is a charge where there is no payment intent, and nothing where there is one", async () => {
    stub.set(make.charge({ id: "ch_old", payment_intent: null }), make.charge());

    expect(await fetchOf("payment", "ch_old")).toMatchObject({ kind: "payment", ref: "ch_old" });
    expect(await fetchOf("payment", "ch_1")).toEqual({ kind: "missing", ref: "ch_1" });
  });

  test("has all lines of a long invoice, up to a limit", async () => {
    const lines = (count: number) => ({
      data: Array.from({ length: count }, (_, index) => make.invoiceLine({ id: `il_${index}` })),
    });
    stub.set(make.invoice({ lines: lines(130) }), make.invoice({ id: "in_2", lines: lines(700) }));

    const [long, longer] = await Promise.all([
      fetchOf("invoice", "in_1"),
      fetchOf("invoice", "in_2"),
    ]);

    expect(long).toMatchObject({ kind: "invoice", lines: { length: 130 } });
    expect(longer).toMatchObject({ kind: "invoice", lines: { length: 500 } });
  });

  test("has the prices that a checkout sold, and whether its delayed payment failed", async () => {
    stub.set(
      make.checkoutSession({
        mode: "payment",
        payment_status: "unpaid",
        payment_intent: "pi_1",
        line_items: { object: "list", data: [{ id: "li_1", object: "item", price: make.price() }] },
      }),
      make.paymentIntent({
        status: "requires_payment_method",
        last_payment_error: { code: "payment_intent_payment_attempt_failed" },
      }),
    );

    expect(await fetchOf("checkout", "cs_test_1")).toMatchObject({
      priceRefs: ["price_1"],
      paymentRef: "pi_1",
      isPaid: false,
      paymentFailed: true,
    });
  });

  test("is gone when Stripe says deleted, and missing when Stripe knows none", async () => {
    stub.set(make.customer());
    stub.deleted("cus_1");

    expect(await fetchOf("customer", "cus_1")).toEqual({ kind: "gone", ref: "cus_1" });
    expect(await fetchOf("subscription", "sub_x")).toEqual({ kind: "missing", ref: "sub_x" });
  });

  test("is gone even if Stripe should refuse to expand what is deleted", async () => {
    stub.set(make.customer());
    stub.deleted("cus_1");
    const message = "This property cannot be expanded (tax_ids).";
    stub.fail(({ query }) => [...query.keys()].some((name) => name.startsWith("expand")), 400, {
      body: JSON.stringify({ error: { type: "invalid_request_error", message } }),
    });

    expect(await fetchOf("customer", "cus_1")).toEqual({ kind: "gone", ref: "cus_1" });
  });

  test("is missing for a key of the other mode", async () => {
    stub.set(make.customer());

    const live = connection({ mode: "live", apiKey: "sk_live_stub12345678" });

    expect(
      await stripe.fetch({ type: "customer", ref: "cus_1" }, live, AbortSignal.timeout(5_000)),
    ).toEqual({ kind: "missing", ref: "cus_1" });
  });

  test.each(["../account", "a/b?c=d", "..", "%2e%2e/account"])(
    "with the id %s never leaves its path",
    async (ref) => {
      const outcome = await fetchOf("customer", ref).catch((error: unknown) => error);

      expect(stub.requests.every(({ path }) => path.startsWith("/v1/customers/"))).toBe(true);
      if (!(outcome instanceof AppError)) expect(outcome).toEqual({ kind: "missing", ref });
    },
  );
});

describe("a failing Stripe", () => {
  test.each([429, 500, 502, 503, 409])("with status %i is unavailable", async (status) => {
    stub.fail(1, status, { headers: { "retry-after": "7" } });

    expect(await failure(fetchOf("customer", "cus_1"))).toMatchObject({
      code: "gateway_unavailable",
      retryAfterSeconds: 7,
    });
    expect(stub.requests).toHaveLength(1);
  });

  test.each([401, 403, 400, 402])("with status %i refuses, in a sentence", async (status) => {
    stub.fail(1, status);

    const error = await failure(fetchOf("customer", "cus_1"));

    expect(error.code).toBe("gateway_refused");
    expect(error.message).toMatch(/key|refuses/);
  });

  test("that does not know the key refuses, and the key is not in the sentence", async () => {
    const wrong = connection({ apiKey: "pk_test_stub12345678" });
    const error = await failure(
      stripe.fetch({ type: "customer", ref: "cus_1" }, wrong, AbortSignal.timeout(5_000)),
    );

    expect(error.code).toBe("gateway_refused");
    expect(error.message).not.toContain("stub12345678");
  });

  test.each([
    ["a page of HTML", 200, "<html>hello</html>"],
    ["a page of HTML with status 404", 404, "<html>not found</html>"],
    ["null", 200, "null"],
    ["a list", 200, "[]"],
    ["a text", 200, '"hello"'],
    ["an empty object", 200, "{}"],
    ["another customer", 200, JSON.stringify(make.customer({ id: "cus_2" }))],
    ["another kind", 200, JSON.stringify(make.product({ id: "cus_1" }))],
    ["half an answer", 200, '{"id":"cus_1","obj'],
  ])("that answers with %s is unavailable", async (_, status, body) => {
    stub.fail(1, status, { body });

    expect(await failure(fetchOf("customer", "cus_1"))).toMatchObject({
      code: "gateway_unavailable",
    });
  });

  test("that sends elsewhere is not followed, for the key would go along", async () => {
    stub.set(make.customer());
    stub.fail(1, 302, { headers: { location: `${stub.url}/v1/customers/cus_1` } });

    expect(await failure(fetchOf("customer", "cus_1"))).toMatchObject({
      code: "gateway_unavailable",
    });
    expect(stub.requests).toHaveLength(1);
  });

  test("that repeats a key in its refusal is quoted without it", async () => {
    const body = JSON.stringify({
      error: { message: "rk_test_abc123 may not, nor sk_live_***xyz" },
    });
    stub.fail(1, 403, { body });

    const { message } = await failure(fetchOf("customer", "cus_1"));

    expect(message).toContain("[key] may not, nor [key]");
  });

  test("that does not know the path at all is no proof that an object is missing", async () => {
    const body = JSON.stringify({
      error: { type: "invalid_request_error", message: "Unrecognized request URL" },
    });
    stub.fail(1, 404, { body });

    expect(await failure(fetchOf("customer", "cus_1"))).toMatchObject({ code: "gateway_refused" });
  });

  test("that is slow is left when the signal says so", async () => {
    stub.set(make.customer());
    stub.delay(5_000);
    const started = Date.now();

    const error = await failure(fetchOf("customer", "cus_1", AbortSignal.timeout(100)));

    expect(error.code).toBe("gateway_unavailable");
    expect(Date.now() - started).toBeLessThan(2_000);
  });

  test("that nobody answers for is unavailable", async () => {
    await stub.stop();

    expect(await failure(fetchOf("customer", "cus_1"))).toMatchObject({
      code: "gateway_unavailable",
    });
    stub = await startStripeStub();
  });

  test("with an amount that cannot be held exactly refuses", async () => {
    stub.set(make.invoice({ total: 2 ** 53 }));

    expect(await failure(fetchOf("invoice", "in_1"))).toMatchObject({ code: "gateway_refused" });
  });
});

describe("a key", () => {
  test("says whose it is", async () => {
    expect(await stripe.identify(connection())).toEqual({ accountRef: "acct_stub", mode: "test" });
  });

  test("that may not see its account still says its mode", async () => {
    stub.fail(1, 403);

    expect(await stripe.identify(connection({ apiKey: "rk_test_stub12345678" }))).toEqual({
      accountRef: null,
      mode: "test",
    });
  });

  test("that Stripe does not know is refused", async () => {
    stub.fail(1, 401);

    expect(await failure(stripe.identify(connection()))).toMatchObject({ code: "gateway_refused" });
  });

  test("of the other mode is refused before it is used", async () => {
    const error = await failure(stripe.identify(connection({ apiKey: "sk_live_stub12345678" })));

    expect(error).toMatchObject({ code: "gateway_refused" });
    expect(stub.requests).toHaveLength(0);
  });
});
