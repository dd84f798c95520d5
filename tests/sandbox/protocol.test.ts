import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operations } from "#sandbox/operations.ts";
import { type Box, clientOf, KEY, startSandbox } from "#tests/support/sandbox.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

describe("a key", () => {
  test("lets a caller in as Bearer and as Basic", async () => {
    const basic = Buffer.from(`${KEY}:`).toString("base64");

    expect((await box.get("/v1/customers")).status).toBe(200);
    expect((await box.get("/v1/customers", { authorization: `Basic ${basic}` })).status).toBe(200);
  });

  test.each([
    ["none", "", "You did not provide an API key."],
    ["a live key", "Bearer sk_live_abcdefgh1234", "Invalid API Key provided: sk_live_********1234"],
    ["nonsense", "Bearer hello_world", "Invalid API Key provided: *******orld"],
    ["a publishable key", "Bearer pk_test_1", "cannot be made with a publishable API key"],
  ])("refuses %s with 401 in Stripe's envelope", async (_name, authorization, message) => {
    const said = await box.get("/v1/customers", { authorization });

    expect(said.status).toBe(401);
    expect(said.headers.get("www-authenticate")).toBe('Basic realm="Stripe"');
    expect(said.json).toMatchObject({
      error: { type: "invalid_request_error", message: expect.stringContaining(message) },
    });
  });

  test("that is live is an authentication error to the official client", async () => {
    const live = clientOf(box.url, "sk_live_abc");

    await expect(live.customers.list()).rejects.toMatchObject({
      type: "StripeAuthenticationError",
      statusCode: 401,
    });
  });
});

describe("an address", () => {
  test("that Stripe has not is refused with 404 in Stripe's envelope", async () => {
    const said = await box.get("/v1/nonsense");

    expect(said.status).toBe(404);
    expect(said.json).toMatchObject({
      error: {
        type: "invalid_request_error",
        message: expect.stringContaining("Unrecognized request URL (GET: /v1/nonsense)"),
      },
    });
  });

  test.each([
    ["POST", "/v1/nonsense", ""],
    ["PUT", "/v1/customers/cus_1", ""],
    ["GET", "/v1/customers/", "If you are trying to list objects, remove the trailing slash. "],
    ["GET", "/v3/customers", ""],
  ])("is refused in Stripe's words: %s %s", async (method, path, hint) => {
    const answer = await fetch(`${box.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${KEY}` },
    });

    expect(answer.status).toBe(404);
    const { error } = await answer.json();
    expect(error).toEqual({ type: "invalid_request_error", message: expect.any(String) });
    expect(error.message).toContain(`Unrecognized request URL (${method}: ${path}). ${hint}`);
    expect(error.message).toMatch(/Please see https.+ or we can help at https.+\.$/);
  });

  test("that only Stripe has is refused and says whose lack it is", async () => {
    const said = await box.post("/v1/payment_links", "");

    expect(said.status).toBe(404);
    expect(said.json).toMatchObject({ error: { code: "sandbox_not_modelled" } });
  });

  test("where Stripe searches is not taken for somebody's id", async () => {
    const said = await box.get("/v1/customers/search?query=a");

    expect(said.json).toMatchObject({ error: { code: "sandbox_not_modelled" } });
  });

  test("of an object that is not there is resource_missing", async () => {
    await expect(box.stripe.customers.retrieve("cus_none")).rejects.toMatchObject({
      statusCode: 404,
      code: "resource_missing",
      message: "No such customer: 'cus_none'",
    });
  });
});

describe("a parameter", () => {
  test.each([
    ["unknown", "nonsense=1", "parameter_unknown", "nonsense"],
    ["unknown inside", "shipping[colour]=red", "parameter_unknown", "shipping[colour]"],
    ["missing inside", "shipping[name]=A", "parameter_missing", "shipping[address]"],
    ["unknown deep inside", "address[planet]=mars", "parameter_unknown", "address[planet]"],
    ["no number", "balance=ten", "parameter_invalid_integer", "balance"],
    ["empty", "test_clock=", "parameter_invalid_empty", "test_clock"],
    ["not modelled", "tax[ip_address]=127.0.0.1", "sandbox_not_modelled", "tax"],
  ])("that is %s is refused by its name", async (_name, form, code, param) => {
    const said = await box.post("/v1/customers", form);

    expect(said.status).toBe(400);
    expect(said.json).toMatchObject({ error: { type: "invalid_request_error", code, param } });
  });

  test("that is unknown is named in an envelope of exactly Stripe's members", async () => {
    const said = await box.post("/v1/customers", "emial=a%40b.c");

    expect(said.json).toEqual({
      error: {
        code: "parameter_unknown",
        doc_url: "https://stripe.com/docs/error-codes/parameter-unknown",
        message: "Received unknown parameter: emial",
        param: "emial",
        type: "invalid_request_error",
      },
    });
  });

  test("that is unknown is refused in queries, too, and by every operation", async () => {
    const calls = operations.map(async ({ method, path }) => {
      const answer = await fetch(`${box.url}${path.replaceAll(/:\w+/g, "x_1")}?emial=1`, {
        method,
        headers: { authorization: `Bearer ${KEY}` },
      });
      const { error } = await answer.json();
      return { path, refused: [answer.status, error?.param ?? error?.code] };
    });

    for (const { path, refused } of await Promise.all(calls)) {
      expect([[400, "emial"], UNSEARCHED], path).toContainEqual(refused);
    }
  });

  test("of a closed list says which there are", async () => {
    const said = await box.post("/v1/customers", "tax_exempt=maybe");

    expect(said.json).toMatchObject({
      error: {
        param: "tax_exempt",
        message: "Invalid tax_exempt: must be one of exempt, none, or reverse",
      },
    });
  });

  test("is taken as a form only", async () => {
    const said = await box.post("/v1/customers", "{}", { "content-type": "application/json" });

    expect(said.status).toBe(400);
  });
});

test("every answer has its request's id and the version it speaks", async () => {
  const said = await box.get("/v1/customers");

  expect(said.headers.get("request-id")).toMatch(/^req_\w{14}$/);
  expect(said.headers.get("stripe-version")).toBe("2026-10-28.endive");
});

test("a version that the sandbox cannot speak is refused", async () => {
  const said = await box.get("/v1/customers", { "stripe-version": "2019-01-01" });

  expect(said.status).toBe(400);
  expect(said.json).toMatchObject({ error: { code: "sandbox_not_modelled" } });
});

describe("a customer", () => {
  test("has its metadata merged key by key, and a key taken away with nothing", async () => {
    const { id } = await box.stripe.customers.create({ metadata: { a: "1", b: "2", "0": "x" } });

    const after = await box.stripe.customers.update(id, { metadata: { b: "", c: "3" } });
    const emptied = await box.stripe.customers.update(id, { metadata: "" });

    expect(after.metadata).toEqual({ "0": "x", a: "1", c: "3" });
    expect(emptied.metadata).toEqual({});
  });

  test("says why its balance is what it was set to", async () => {
    const { id } = await box.stripe.customers.create({ balance: -500 });
    await box.stripe.customers.update(id, { balance: 200 });

    const { data } = await box.stripe.customers.listBalanceTransactions(id);

    expect(data).toMatchObject([
      { type: "adjustment", amount: 700, ending_balance: 200 },
      { type: "adjustment", amount: -500, ending_balance: -500 },
    ]);
  });

  test("that is deleted still answers, as deleted, and takes no changes", async () => {
    const { id } = await box.stripe.customers.create({ email: "a@example.com" });

    await box.stripe.customers.del(id);

    expect(await box.stripe.customers.retrieve(id)).toMatchObject({ id, deleted: true });
    await expect(box.stripe.customers.update(id, { name: "B" })).rejects.toMatchObject({
      code: "resource_missing",
    });
  });

  test("tells of its changes in events with what was before", async () => {
    const { id } = await box.stripe.customers.create({ name: "Before" });
    await box.stripe.customers.update(id, { name: "After" });

    const changes = box.world.all("event").filter(({ type }) => type === "customer.updated");

    expect(changes.at(-1)?.data).toMatchObject({
      object: { id, name: "After" },
      previous_attributes: { name: "Before" },
    });
  });
});

/** The one address that is there to refuse what it is asked for. */
const UNSEARCHED = [400, "sandbox_not_modelled"];
