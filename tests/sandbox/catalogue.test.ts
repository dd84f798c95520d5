import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

const monthly = { currency: "usd", unit_amount: 1_000, recurring: { interval: "month" as const } };

describe("a product", () => {
  test("keeps the id of its maker's choice, once", async () => {
    const product = await box.stripe.products.create({ id: "gold", name: "Gold" });

    expect(product).toMatchObject({ id: "gold", active: true, default_price: null });
    await expect(box.stripe.products.create({ id: "gold", name: "Gold" })).rejects.toMatchObject({
      code: "resource_already_exists",
    });
  });

  test("makes its default price with itself", async () => {
    const product = await box.stripe.products.create({
      name: "Silver",
      default_price_data: monthly,
      expand: ["default_price"],
    });

    expect(product.default_price).toMatchObject({ unit_amount: 1_000, product: product.id });
  });

  test("is not deleted while it has prices", async () => {
    const { id } = await box.stripe.products.create({ name: "Held" });
    const free = await box.stripe.products.create({ name: "Free" });
    await box.stripe.prices.create({ ...monthly, product: id });

    await expect(box.stripe.products.del(id)).rejects.toMatchObject({ statusCode: 400 });
    expect(await box.stripe.products.del(free.id)).toMatchObject({ deleted: true });
  });

  test("is listed by whether it is active", async () => {
    const { id } = await box.stripe.products.create({ name: "Gone" });
    await box.stripe.products.update(id, { active: false });

    const { data } = await box.stripe.products.list({ active: false });

    expect(data.map((product) => product.id)).toEqual([id]);
  });
});

describe("a price", () => {
  test("says its amount as a number and as a decimal", async () => {
    const price = await box.stripe.prices.create({ ...monthly, product_data: { name: "P" } });

    expect(price.unit_amount).toBe(1_000);
    expect(price.unit_amount_decimal?.toString()).toBe("1000");
    expect(price.recurring).toMatchObject({ interval: "month", interval_count: 1 });
  });

  test("hands its lookup key over where that is asked, and only there", async () => {
    const { id: product } = await box.stripe.products.create({ name: "L" });
    const first = await box.stripe.prices.create({ ...monthly, product, lookup_key: "pro" });
    const draft = { ...monthly, product, lookup_key: "pro" };

    await expect(box.stripe.prices.create(draft)).rejects.toMatchObject({ param: "lookup_key" });
    const second = await box.stripe.prices.create({ ...draft, transfer_lookup_key: true });

    const { data } = await box.stripe.prices.list({ lookup_keys: ["pro"] });
    expect(data.map(({ id }) => id)).toEqual([second.id]);
    expect((await box.stripe.prices.retrieve(first.id)).lookup_key).toBeNull();
  });

  test("that is its product's default is archived once the product gave that up", async () => {
    const { id, default_price } = await box.stripe.products.create({
      name: "Default",
      default_price_data: monthly,
    });
    const archive = () => box.stripe.prices.update(String(default_price), { active: false });

    await expect(archive()).rejects.toMatchObject({ param: "active" });
    await box.stripe.products.update(id, { default_price: "" });

    expect((await archive()).active).toBe(false);
  });

  test.each([
    ["tiers", "tiers[0][up_to]=inf&tiers_mode=volume", "tiers"],
    ["parts of a cent", "unit_amount_decimal=0.5", "unit_amount_decimal"],
  ])("with %s is refused loudly", async (_name, form, param) => {
    const said = await box.post("/v1/prices", `currency=usd&product_data[name]=T&${form}`);

    expect(said.status).toBe(400);
    expect(said.json).toMatchObject({ error: { code: "sandbox_not_modelled", param } });
  });

  test("cannot be recurring for more than three years", async () => {
    const draft = { ...monthly, product_data: { name: "P" } };

    await expect(
      box.stripe.prices.create({ ...draft, recurring: { interval: "month", interval_count: 37 } }),
    ).rejects.toMatchObject({ param: "recurring[interval_count]" });
  });
});

describe("a coupon", () => {
  test("takes off a share or an amount, not both", async () => {
    const coupon = await box.stripe.coupons.create({ percent_off: 12.5, duration: "forever" });

    expect(coupon).toMatchObject({ percent_off: 12.5, amount_off: null, valid: true });
    await expect(
      box.stripe.coupons.create({ percent_off: 10, amount_off: 100, currency: "usd" }),
    ).rejects.toMatchObject({ statusCode: 400 });
  });

  test("is not valid after its last day", async () => {
    const soon = box.world.now(null) + 100;
    const { id } = await box.stripe.coupons.create({ percent_off: 10, redeem_by: soon });

    await box.control("/clock", { by: 101 });

    expect((await box.stripe.coupons.retrieve(id)).valid).toBe(false);
  });

  test("that is deleted is gone", async () => {
    const { id } = await box.stripe.coupons.create({ percent_off: 10 });

    await box.stripe.coupons.del(id);

    await expect(box.stripe.coupons.retrieve(id)).rejects.toMatchObject({ statusCode: 404 });
  });
});

describe("a promotion code", () => {
  test("is found by its code, however it is written, while it is active", async () => {
    const coupon = await box.stripe.coupons.create({ percent_off: 10 });
    const promotion = { type: "coupon" as const, coupon: coupon.id };
    const code = await box.stripe.promotionCodes.create({ promotion, code: "HELLO" });

    const found = await box.stripe.promotionCodes.list({ code: "hello", active: true });
    await expect(
      box.stripe.promotionCodes.create({ promotion, code: "hello" }),
    ).rejects.toMatchObject({ param: "code" });
    await box.stripe.promotionCodes.update(code.id, { active: false });

    expect(found.data.map(({ id }) => id)).toEqual([code.id]);
    expect((await box.stripe.promotionCodes.list({ active: true })).data).toEqual([]);
  });
});

test("the catalogue tells of itself in events", () => {
  const types = new Set(box.world.all("event").map(({ type }) => type));

  expect([...types]).toEqual(
    expect.arrayContaining(["product.created", "price.created", "price.updated", "coupon.created"]),
  );
});
