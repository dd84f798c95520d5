import { expect, test } from "vitest";
import { eventType, shapeFaults } from "#tests/support/sdk-shapes.ts";

const product = {
  id: "prod_1",
  object: "product",
  active: true,
  created: 1,
  default_price: null,
  description: null,
  images: [],
  livemode: false,
  marketing_features: [],
  metadata: {},
  name: "Pro",
  package_dimensions: null,
  shippable: null,
  tax_code: null,
  tax_details: null,
  type: "service",
  updated: 1,
  url: null,
};

test("the compiler finds a member too many, one too few, one of another type and an unknown word", async () => {
  const { url: _, ...short } = product;
  const faults = await shapeFaults([
    { type: "Stripe.Product", json: { ...product, colour: "red" }, says: "too many" },
    { type: "Stripe.Product", json: short, says: "too few" },
    { type: "Stripe.Product", json: { ...product, created: "1" }, says: "other type" },
    { type: "Stripe.Product", json: { ...product, type: "gift" }, says: "unknown word" },
    { type: eventType("product.created"), json: { id: "evt_1" }, says: "no event" },
  ]);

  expect(faults.map((fault) => fault.split(":")[0])).toEqual([
    "too many",
    "too few",
    "other type",
    "unknown word",
    "no event",
  ]);
  expect(faults[0]).toMatch(/colour.+does not exist/);
  expect(faults[1]).toMatch(/url.+is missing/);
});

test("the compiler finds nothing in a right one", async () => {
  const faults = await shapeFaults([{ type: "Stripe.Product", json: product, says: "product" }]);

  expect(faults).toEqual([]);
});
