import { afterAll, beforeAll, expect, test } from "vitest";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import { askingAt, failureOf } from "#tests/support/asking-stripe.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";

let box: Box;
let intentions = 0;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

const { commands } = stripe;

function asking() {
  intentions += 1;
  return askingAt(box.url, `catalogue${intentions}`);
}

const krona = {
  currency: "ISK",
  amountMinor: 500,
  interval: "month",
  intervalCount: 3,
  lookupKey: "pro_3months_isk",
  takesLookupKey: false,
  sells: { noun: "plan", code: "pro" },
  step: "1",
} as const;

test("makes a product and its price once for each intention, and reads both back as they were meant", async () => {
  const first = asking();
  const sells = { noun: "plan", code: "pro" } as const;
  const product = { name: "Pro", description: "For teams.", sells };
  const { ref: productRef } = await commands.createProduct(product, first);
  expect(await commands.createProduct(product, first)).toEqual({ ref: productRef });

  const made = await commands.createPrice({ ...krona, productRef }, first);
  expect(await commands.createPrice({ ...krona, productRef }, first)).toEqual(made);

  const { connection, signal } = asking();
  const { found } = await stripe.listPrices({ page: undefined }, connection, signal);
  expect(found).toMatchObject([
    {
      price: {
        ref: made.ref,
        productRef,
        amountMinor: 500,
        intervalCount: 3,
        lookupKey: "pro_3months_isk",
        planCode: "pro",
        isActive: true,
      },
      product: { ref: productRef, name: "Pro", description: "For teams.", planCode: "pro" },
    },
  ]);
});

test("makes what is paid once, and takes a lookup key only where that is asked", async () => {
  const { ref: productRef } = await commands.createProduct(
    { name: "Hat", description: "", sells: { noun: "product", code: "hat" } },
    asking(),
  );
  const once = { ...krona, currency: "EUR", interval: null, intervalCount: 1, productRef };
  const sells = { noun: "product", code: "hat" } as const;
  const keyed = { ...once, lookupKey: "hat_once_eur", sells };
  const { ref } = await commands.createPrice(keyed, asking());
  expect((await box.stripe.prices.retrieve(ref)).type).toBe("one_time");
  const { connection, signal } = asking();
  const { found } = await stripe.listPrices({ page: undefined }, connection, signal);
  expect(found.find(({ price }) => price.ref === ref)).toMatchObject({
    price: { planCode: null, productCode: "hat" },
    product: { planCode: null, productCode: "hat" },
  });

  expect(await failureOf(commands.createPrice(keyed, asking()))).toMatchObject({
    code: "gateway_refused",
    message: expect.stringContaining("already uses that lookup key"),
  });
  await commands.createPrice({ ...keyed, takesLookupKey: true }, asking());

  expect((await box.stripe.prices.retrieve(ref)).lookup_key).toBeNull();
});

test("lists page after page what is on sale, and leaves out what is not", async () => {
  const { id: product } = await box.stripe.products.create({ name: "Many" });
  for (let n = 1; n <= 102; n++) {
    await box.stripe.prices.create({ product, currency: "usd", unit_amount: n, active: n > 1 });
  }
  const refs: string[] = [];
  let page: string | undefined;
  let pages = 0;
  do {
    const { connection, signal } = asking();
    const answer = await stripe.listPrices({ page }, connection, signal);
    refs.push(
      ...answer.found.flatMap(({ price }) => (price.productRef === product ? [price.ref] : [])),
    );
    page = answer.next;
    pages += 1;
  } while (page !== undefined);

  expect(pages).toBe(2);
  expect(new Set(refs).size).toBe(101);
  expect(refs).toHaveLength(101);
});

test("takes a price off sale that its product shows first", async () => {
  const { id, default_price } = await box.stripe.products.create({
    name: "Shown",
    default_price_data: { currency: "eur", unit_amount: 100 },
  });
  const priceRef = String(default_price);
  const off = asking();

  await commands.setPriceOnSale({ priceRef, isOnSale: false }, off);
  await commands.setPriceOnSale({ priceRef, isOnSale: false }, off);
  await commands.setProduct({ productRef: id, name: "Renamed", isOnSale: false }, asking());

  expect((await box.stripe.prices.retrieve(priceRef)).active).toBe(false);
  expect(await box.stripe.products.retrieve(id)).toMatchObject({ name: "Renamed", active: false });
  await commands.setPriceOnSale({ priceRef, isOnSale: true }, asking());
  expect((await box.stripe.prices.retrieve(priceRef)).active).toBe(true);
});
