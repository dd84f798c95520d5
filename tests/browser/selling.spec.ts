import { randomBytes } from "node:crypto";
import type { Page } from "@playwright/test";
import { eventually } from "./fixtures.ts";
import { expectReadable } from "./reading.ts";
import { expect, test } from "./shop.ts";

/* What is sold here and what is sold at the gateway: made there, compared, made alike, imported. */

test.describe.configure({ mode: "default", timeout: 90_000 });

const PLANS = "/admin/plans";

/** A name that no other test and no run before has taken. */
function named(word: string) {
  const tag = randomBytes(3).toString("hex");
  return { name: `${word} ${tag}`, code: `${word.toLowerCase()}_${tag}` };
}

function differencesOn(page: Page) {
  return page.getByRole("region", { name: "Differences from Stripe, test mode" });
}

test("sells a plan at the gateway, shows where the two differ, and mends it by buttons", async ({
  as,
  box,
}) => {
  const page = await as("administrator");
  const { name, code } = named("Orchard");
  await page.goto(`${PLANS}/new`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Code").fill(code);
  await page.getByLabel("Tier").selectOption("Pro");
  const first = page.getByRole("region", { name: "Prices" }).getByRole("listitem").nth(0);
  await first.getByLabel("Amount").fill("19");
  await expect(page.getByLabel("Sell it at Stripe as well (test mode)")).toBeChecked();
  await page.getByRole("button", { name: "Create plan" }).click();
  await expect(page).toHaveURL(PLANS);
  const row = page.getByRole("row").filter({ hasText: code });
  await expect(row).toContainText("The same");
  const sold = () => box.world.all("price").filter((each) => each.metadata.billhook_plan === code);
  expect(sold()).toMatchObject([{ lookup_key: `${code}_monthly_eur`, unit_amount: 1900 }]);

  await row.getByRole("link").click();
  await first.getByLabel("Amount").fill("21.50");
  await page.getByLabel("Sell it at Stripe as well (test mode)").uncheck();
  await page.getByRole("button", { name: "Save plan" }).click();
  const differences = differencesOn(page);
  await expect(differences.getByRole("row", { name: /^Amount/ })).toContainText("€21.50 a month");
  await expect(differences.getByRole("row", { name: /^Amount/ })).toContainText("€19.00 a month");
  await page.goto(PLANS);
  await expect(row).toContainText("1 difference");
  await row.getByRole("link").click();
  await expectReadable(page);

  await differences.getByRole("button", { name: "Sell at Stripe" }).press("Enter");
  await expect(differences.getByText("Old amount")).toBeVisible();
  await differences.getByRole("button", { name: /^Take off sale there: €19\.00/ }).press("Enter");
  await expect(differences.getByText("No difference")).toBeVisible();
  expect(sold().map((each) => [each.unit_amount, each.active])).toEqual(
    expect.arrayContaining([
      [1900, false],
      [2150, true],
    ]),
  );

  await page.getByRole("button", { name: "Archive" }).click();
  await page.getByLabel("Take its prices off sale at Stripe as well (test mode)").check();
  await page.getByRole("dialog").getByRole("button", { name: "Archive plan" }).click();
  await expect(page.getByText("Archived", { exact: true })).toBeVisible();
  expect(sold().filter(({ active }) => active)).toEqual([]);
});

test("imports what the gateway sells, after it was shown, and finds nothing the second time", async ({
  as,
  box,
  sql,
}) => {
  const page = await as("administrator");
  const { name, code } = named("Granary");
  const product = await box.stripe.products.create({ name, metadata: { plan: code } });
  const monthly = { currency: "eur", recurring: { interval: "month" as const } };
  await box.stripe.prices.create({ ...monthly, product: product.id, unit_amount: 1200 });
  const stray = await box.stripe.prices.create({
    ...monthly,
    unit_amount: 700,
    lookup_key: `${code}_yearly`,
    product_data: { name: "Stray" },
  });
  await page.goto(PLANS);
  await page.getByRole("link", { name: "Import", exact: true }).click();
  await page.getByRole("button", { name: "Read Stripe’s catalogue" }).click();
  const tier = page.getByLabel(`Tier of ${name}`);
  await eventually(page, async () => {
    await expect(tier).toBeVisible({ timeout: 500 });
    await expect(page.getByText(/^\d+ prices? on sale, /)).toBeVisible({ timeout: 500 });
  });
  const left = page.getByRole("row").filter({ hasText: stray.id });
  await expect(left).toContainText("says yearly, and it is charged monthly");
  await expectReadable(page);

  await tier.selectOption("Business");
  await page.getByRole("button", { name: "Import what is chosen" }).click();
  await expect(page.getByText(/1 plan made, 1 price linked/).first()).toBeVisible();
  await expect(tier).toHaveCount(0);
  await page.goto(PLANS);
  const row = page.getByRole("row").filter({ hasText: code });
  await expect(row).toContainText("€12.00 a month");
  await expect(row).toContainText("The same");
  await sql`update plans set archived_at = now() where code = ${code}`;
});

test("sells a one-time product at the gateway as it sells plans", async ({ as, box }) => {
  const page = await as("administrator");
  const { name, code } = named("Crate");
  await page.goto(`${PLANS}/products/new`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Code").fill(code);
  await page.getByLabel("Amount").first().fill("12.50");
  await expect(page.getByLabel("Sell it at Stripe as well (test mode)")).toBeChecked();
  await page.getByRole("button", { name: "Create product" }).click();
  const differences = differencesOn(page);
  await expect(differences.getByText("No difference")).toBeVisible();
  const sold = () =>
    box.world.all("price").filter((each) => each.metadata.billhook_product === code);
  expect(sold()).toMatchObject([{ lookup_key: `${code}_once_eur`, unit_amount: 1250 }]);
  await expectReadable(page);

  await page.getByLabel("Name").fill(`${name} of apples`);
  await page.getByRole("button", { name: "Save product" }).click();
  await differences.getByRole("button", { name: /^Rename there/ }).press("Enter");
  await expect(differences.getByText("No difference")).toBeVisible();
  await page.goto(`${PLANS}/products`);
  const row = page.getByRole("row").filter({ hasText: code });
  await expect(row).toContainText("The same");
  await row.getByRole("link").click();

  await page.getByRole("button", { name: "Archive" }).click();
  await page.getByLabel("Take its prices off sale at Stripe as well (test mode)").check();
  await page.getByRole("dialog").getByRole("button", { name: "Archive product" }).click();
  await expect(page.getByText("Archived", { exact: true })).toBeVisible();
  expect(sold().filter(({ active }) => active)).toEqual([]);
});
