import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

const key = (name: string) => ({ "idempotency-key": name });

test("the same call with the same key is done once and answered twice alike", async () => {
  const first = await box.post("/v1/customers", "name=A&email=a%40b.c", key("same"));
  const again = await box.post("/v1/customers", "email=a%40b.c&name=A", key("same"));

  expect(again.json).toEqual(first.json);
  expect(first.headers.get("idempotent-replayed")).toBeNull();
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(again.headers.get("original-request")).toBe(first.headers.get("request-id"));
});

test.each([
  ["other parameters", "/v1/customers", "name=C"],
  ["another endpoint", "/v1/products", "name=B"],
])("a key is refused for %s", async (name, path, form) => {
  await box.post("/v1/customers", "name=B", key(name));

  const said = await box.post(path, form, key(name));

  const rest = `Try using a key other than '${name}' if you meant to execute a different request.`;
  const place = "the same endpoint they were first used for ('/v1/products' vs '/v1/customers').";
  const what = "the same parameters they were first used with.";
  expect(said.status).toBe(400);
  expect(said.json).toEqual({
    error: {
      message: `Keys for idempotent requests can only be used ${name === "another endpoint" ? `for ${place}` : `with ${what}`} ${rest}`,
      type: "idempotency_error",
    },
  });
});

test("a declined card is answered again as it was, and charged once", async () => {
  const form = "amount=500&currency=usd&confirm=true&payment_method=pm_card_chargeDeclined";

  const first = await box.post("/v1/payment_intents", form, key("declined"));
  const again = await box.post("/v1/payment_intents", form, key("declined"));

  expect([first.status, again.status]).toEqual([402, 402]);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(again.json).toEqual(first.json);
  expect(box.world.all("payment_intent")).toHaveLength(1);
});

test("a call that was refused before it began may be mended under its key", async () => {
  const refused = await box.post("/v1/customers", "nonsense=1", key("mended"));
  const mended = await box.post("/v1/customers", "name=A", key("mended"));

  expect([refused.status, mended.status]).toEqual([400, 200]);
});

test("of two calls with one key at once, one is done and the other is told to wait", async () => {
  const before = box.world.all("customer").length;

  const said = await Promise.all([1, 2].map(() => box.post("/v1/customers", "", key("at once"))));

  expect(said.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  const waiting = said.find(({ status }) => status === 409);
  expect(waiting?.headers.get("stripe-should-retry")).toBe("true");
  expect(waiting?.json).toMatchObject({
    error: {
      message: expect.stringContaining("currently another in-progress request using this"),
      type: "idempotency_error",
      code: "idempotency_key_in_use",
    },
  });
  expect(box.world.all("customer")).toHaveLength(before + 1);
});

test("a key is forgotten after a day", async () => {
  await box.post("/v1/customers", "name=Old", key("old"));
  await box.control("/clock", { by: 24 * 60 * 60 + 1 });

  const said = await box.post("/v1/customers", "name=New", key("old"));

  expect(said.status).toBe(200);
  expect(said.json).toMatchObject({ name: "New" });
});
