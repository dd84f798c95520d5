import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";

let box: Box;
const ids: string[] = [];
beforeAll(async () => {
  box = await startSandbox();
  for (let count = 0; count < 25; count += 1) {
    const { id } = await box.stripe.customers.create({ email: `p${count % 2}@example.com` });
    ids.unshift(id);
  }
});
afterAll(() => box.close());

describe("a list", () => {
  test("shows the newest ten first and says that there is more", async () => {
    const list = await box.stripe.customers.list();

    expect(list).toMatchObject({ object: "list", has_more: true, url: "/v1/customers" });
    expect(list.data.map(({ id }) => id)).toEqual(ids.slice(0, 10));
  });

  test("goes on after the last and stops at the end", async () => {
    const list = await box.stripe.customers.list({ limit: 20, starting_after: ids[9] ?? "" });

    expect(list.data.map(({ id }) => id)).toEqual(ids.slice(10));
    expect(list.has_more).toBe(false);
  });

  test("goes back to before the first", async () => {
    const list = await box.stripe.customers.list({ limit: 5, ending_before: ids[10] ?? "" });

    expect(list.data.map(({ id }) => id)).toEqual(ids.slice(5, 10));
    expect(list.has_more).toBe(true);
  });

  test("is walked whole by the official client", async () => {
    const walked: string[] = [];

    for await (const { id } of box.stripe.customers.list({ limit: 7 })) walked.push(id);

    expect(walked).toEqual(ids);
  });

  test("keeps to its filters from page to page", async () => {
    const walked: (string | null)[] = [];

    const asked = box.stripe.customers.list({ limit: 5, email: "p1@example.com" });
    for await (const { email } of asked) walked.push(email);

    expect(walked).toEqual(Array(12).fill("p1@example.com"));
  });

  test("takes ranges of time", async () => {
    const now = box.world.now(null);

    const later = await box.stripe.customers.list({ created: { gt: now + 1 } });
    const sooner = await box.stripe.customers.list({ created: { lte: now + 1 }, limit: 1 });

    expect(later.data).toEqual([]);
    expect(sooner.data).toHaveLength(1);
  });

  test.each(["limit=0", "limit=101", "limit=ten"])("refuses %s", async (query) => {
    const said = await box.get(`/v1/customers?${query}`);

    expect(said.status).toBe(400);
    expect(said.json).toMatchObject({
      error: { code: "parameter_invalid_integer", param: "limit" },
    });
  });

  test("refuses to start after what is not in it", async () => {
    const said = await box.get("/v1/customers?starting_after=cus_none");

    expect(said.json).toMatchObject({
      error: { code: "resource_missing", param: "starting_after" },
    });
  });
});

test("a list inside an object is cut at ten and read on at its own address", async () => {
  const customer = ids[0] ?? "";
  for (let count = 0; count < 12; count += 1) {
    await box.stripe.invoiceItems.create({ customer, amount: 100, currency: "usd" });
  }
  const { id } = await box.stripe.invoices.create({
    customer,
    pending_invoice_items_behavior: "include",
  });

  const { lines } = await box.stripe.invoices.retrieve(id);
  const rest = await box.get(`${lines.url}?starting_after=${lines.data.at(-1)?.id}`);

  expect(lines.data).toHaveLength(10);
  expect(lines.has_more).toBe(true);
  expect(rest.json).toMatchObject({ has_more: false, data: [{}, {}] });
});

describe("the list of events", () => {
  test("is filtered by one type, by a family of types and by several", async () => {
    await box.stripe.products.create({ name: "P" });
    const types = async (asked: { type?: string; types?: string[] }) => {
      const { data } = await box.stripe.events.list({ ...asked, limit: 100 });
      return [...new Set(data.map(({ type }) => type))];
    };

    expect(await types({ type: "product.created" })).toEqual(["product.created"]);
    expect(await types({ type: "product.*" })).toEqual(["product.created"]);
    expect(await types({ types: ["product.created", "customer.created"] })).toEqual([
      "product.created",
      "customer.created",
    ]);
  });

  test("refuses one type and several at once", async () => {
    await expect(
      box.stripe.events.list({ type: "product.created", types: ["product.created"] }),
    ).rejects.toMatchObject({ statusCode: 400 });
  });

  test("gives each event again by its id", async () => {
    const [event] = (await box.stripe.events.list({ limit: 1 })).data;

    expect(await box.stripe.events.retrieve(event?.id ?? "")).toMatchObject({ id: event?.id });
  });
});
