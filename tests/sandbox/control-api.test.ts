import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { keepInFile } from "#sandbox/state/snapshot-file.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";

let box: Box;
beforeEach(async () => {
  box = await startSandbox();
});
afterEach(() => box.close());

/** A call whose `Host` is of the caller's choice, which fetch does not let anybody choose. */
function statusFor(
  headers: Record<string, string>,
  path = "/_sandbox/api/reset",
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const url = `${box.url}${path}`;
    request(url, { method: "POST", headers }, (answer) => resolve(answer.resume().statusCode))
      .on("error", reject)
      .end();
  });
}

describe("the control API", () => {
  test.each([
    ["a page of another origin", { origin: "https://example.com" }],
    ["a page of another port", { origin: "http://127.0.0.1:1" }],
    ["another site, by what the browser says", { "sec-fetch-site": "cross-site" }],
    ["a name that is not this machine's", { host: "sandbox.example.com" }],
    ["a page that hides where it is from", { origin: "null" }],
  ])("is closed to %s", async (_name, headers) => {
    expect(await statusFor(headers)).toBe(403);
  });

  test("and the pages that pay are closed to other sites alike", async () => {
    const other = { origin: "https://example.com" };

    expect(await statusFor(other, "/_pages/checkout/cs_test_a")).toBe(403);
  });

  test("is open to its own page and to programs", async () => {
    expect(await statusFor({ origin: box.url, "sec-fetch-site": "same-origin" })).toBe(200);
    expect(await statusFor({})).toBe(200);
  });

  test("shows every call of the API with what it said", async () => {
    await box.post("/v1/customers", "nonsense=1");

    const { json } = await box.control("/requests");

    expect(json).toMatchObject([
      { method: "POST", address: "/v1/customers", params: "nonsense=1", status: 400 },
    ]);
  });

  test("makes a customer's next charge fail, and only the next", async () => {
    const { id } = await box.stripe.customers.create({ payment_method: "pm_card_visa" });
    const { data } = await box.stripe.customers.listPaymentMethods(id);
    const draft = {
      amount: 500,
      currency: "usd",
      customer: id,
      confirm: true,
      payment_method: data[0]?.id ?? "",
      off_session: true,
    };
    await box.control(`/customers/${id}/next-charge`, { outcome: "fails" });

    await expect(box.stripe.paymentIntents.create(draft)).rejects.toMatchObject({
      type: "StripeCardError",
    });
    expect(await box.stripe.paymentIntents.create(draft)).toMatchObject({ status: "succeeded" });
  });

  test("opens, wins, loses and reopens disputes", async () => {
    const pay = () =>
      box.stripe.paymentIntents.create({
        amount: 500,
        currency: "usd",
        confirm: true,
        payment_method: "pm_card_visa",
        automatic_payment_methods: { enabled: true, allow_redirects: "never" },
      });
    const charges = [(await pay()).latest_charge, (await pay()).latest_charge].map(String);
    for (const charge of charges) await box.control("/disputes", { charge });
    const [lost, won] = box.world.all("dispute").map(({ id }) => id);

    await box.control(`/disputes/${won}/win`, {});
    await box.control(`/disputes/${lost}/lose`, {});
    await box.control(`/disputes/${lost}/appeal`, {});

    expect(box.world.all("dispute").map(({ status }) => status)).toEqual([
      "appeal_needs_response",
      "won",
    ]);
  });

  test("sets what the account does after failed payments", async () => {
    const { json } = await box.control("/settings", { retryDays: [1], afterRetries: "unpaid" });

    expect(json).toMatchObject({ retryDays: [1], afterRetries: "unpaid", draftHours: 1 });
  });

  test.each(["/nonsense", "/disputes/du_none/win", "/customers/cus_none/next-charge"])(
    "says that there is nothing at %s",
    async (path) => {
      const said = await fetch(`${box.url}/_sandbox/api${path}`, {
        method: "POST",
        body: JSON.stringify({ outcome: "fails" }),
      });

      expect(said.status).toBe(404);
    },
  );
});

describe("a sandbox", () => {
  test("forgets everything when it is reset, but its endpoints", async () => {
    await box.stripe.customers.create();
    await box.control("/endpoints", { url: "http://127.0.0.1:9/hook" });

    await box.control("/reset", {});

    expect(box.world.all("customer")).toEqual([]);
    expect(box.world.all("webhook_endpoint")).toHaveLength(1);
  });

  test("becomes again what a snapshot of it was", async () => {
    const { id } = await box.stripe.customers.create({ name: "Kept" });
    const snapshot = await (await fetch(`${box.url}/_sandbox/api/snapshot`)).text();
    await box.control("/reset", { keepAccount: false });

    await fetch(`${box.url}/_sandbox/api/snapshot`, { method: "POST", body: snapshot });

    expect(await box.stripe.customers.retrieve(id)).toMatchObject({ name: "Kept" });
  });

  test("lives on in its file, decimals, answers and random numbers included", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sandbox-"));
    const path = join(folder, "inner", "state.json");
    const file = keepInFile(box, path);
    const price = await box.stripe.prices.create({
      currency: "usd",
      unit_amount: 990,
      product_data: { name: "P" },
    });
    const key = { "idempotency-key": "k" };
    const first = await box.post("/v1/customers", "", key);
    file.stop();

    const second = await startSandbox({ seed: 99 });
    keepInFile(second, path).stop();
    const again = await second.post("/v1/customers", "", key);
    const revived = second.world.get("price", price.id);
    await second.close();

    expect(revived?.unit_amount_decimal?.add(revived.unit_amount_decimal).toString()).toBe("1980");
    expect(again.json).toEqual(first.json);
    expect(readFileSync(path, "utf8")).toContain(price.id);
    rmSync(folder, { recursive: true });
  });
});
