import type { Page } from "@playwright/test";
import { eventually } from "./fixtures.ts";
import { expectReadable, PHONE, widthOf } from "./reading.ts";
import { expect, payWith, test } from "./shop.ts";

/* Something is sold once: made in the admin, bought in the shop, and shown as what became of it. */

const GOOD = "4242424242424242";

test.describe.configure({ mode: "default", timeout: 120_000 });

async function buy(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: `Buy ${name}` }).click();
  await expect(page.getByRole("button", { name: /^Pay/ })).toBeVisible();
}

test("is made by an administrator, bought once by a customer, and refunded", async ({
  as,
  arrives,
  listens,
  box,
  sql,
}) => {
  if (box.world.all("webhook_endpoint").length === 0) await listens();
  const { id: price } = await box.stripe.prices.create({
    currency: "eur",
    unit_amount: 19_00,
    product_data: { name: "Setup" },
  });
  const admin = await as("administrator");
  await admin.goto("/admin/plans/products");
  await admin.getByRole("link", { name: "New product" }).first().click();
  await admin.getByLabel("Name").fill("Setup by hand");
  await admin.getByLabel("Code").fill("setup");
  await admin.getByLabel("At most in one order").fill("3");
  await admin.getByLabel("Amount").first().fill("19.00");
  await admin.getByLabel("Sell it at Stripe as well (test mode)").uncheck();
  await admin.getByRole("button", { name: "Create product" }).click();
  const differences = admin.getByRole("region", { name: "Differences from Stripe, test mode" });
  await expect(differences.getByText("so nobody can buy it")).toBeVisible();
  await eventually(admin, async () => {
    await expect(admin.getByLabel("Another price")).toContainText("€19.00, Setup");
  });
  await admin.getByLabel("Another price").selectOption(`stripe test ${price}`);
  await admin.getByRole("button", { name: "Sell with this price" }).click();
  await expect(differences.getByText("so nobody can buy it")).toHaveCount(0);
  await expectReadable(admin);

  const { page, base, organization } = await arrives("Buys once");
  await page.goto(`${base}/billing`);
  await page.getByRole("link", { name: "Shop" }).first().click();
  await page.getByLabel("How many").fill("2");
  await buy(page, "Setup by hand");
  await payWith(page, GOOD);
  await expect(page).toHaveURL(new RegExp(`${base}/orders/ord_\\w+$`));
  await expect(page.getByText("You bought Setup by hand")).toBeVisible();
  await expectReadable(page);

  const [order] = await sql<{ paymentRef: string }[]>`
    select payment_ref as "paymentRef" from orders where organization_id = ${organization.id}`;
  const payment = order?.paymentRef ?? "";
  await box.stripe.refunds.create({ payment_intent: payment, amount: 10_00 });
  await eventually(page, async () => {
    await expect(page.getByText("€10.00 of it went back to you.")).toBeVisible({ timeout: 500 });
  });
  await box.stripe.refunds.create({ payment_intent: payment });
  await eventually(page, async () => {
    await expect(page.getByText("Your money went back")).toBeVisible({ timeout: 500 });
  });
  await admin.goto(`/admin/orders?organization=${organization.id}`);
  await expect(admin.getByRole("row", { name: /Setup by hand × 2/ })).toContainText("Refunded");
});

test("is left on the payment page, gone on with without scripts, and bought on a phone", async ({
  arrives,
  browser,
  shop,
  box,
  sql,
}) => {
  const { id: price } = await box.stripe.prices.create({
    currency: "eur",
    unit_amount: 19_00,
    product_data: { name: "Credits" },
  });
  await sql`insert into gateway_prices
      (gateway, mode, ref, product_id, currency, amount_minor, interval_count, is_active)
    select 'stripe', 'test', ${price}, id, 'EUR', 1900, 1, true from products where code = 'credits'
    on conflict (gateway, mode, ref) do update set product_id = excluded.product_id`;
  const { page: scripted, base } = await arrives("Leaves the shop");
  const context = await browser.newContext({
    baseURL: shop.url,
    storageState: await scripted.context().storageState(),
    javaScriptEnabled: false,
    viewport: PHONE,
  });
  const page = await context.newPage();
  await page.goto(`${base}/shop`);
  await buy(page, "Credits");
  const [{ id } = { id: "" }] = await sql<{ id: string }[]>`
    select id from orders order by ordered_at desc limit 1`;

  await page.goto(`${base}/orders/${id}?left=1`);
  await expect(page.getByText("You left the payment page")).toBeVisible();
  expect(await widthOf(page)).toBeLessThanOrEqual(PHONE.width);
  await page.getByRole("link", { name: "Go on to pay" }).click();
  await payWith(page, GOOD);

  await expect(page.getByText("You bought Credits")).toBeVisible();
  await context.close();
});

test("is given up before it is paid, by keyboard and without scripts, and bought again", async ({
  arrives,
  browser,
  shop,
  sql,
}) => {
  const { page, base, organization } = await arrives("Changes its mind");
  const newest = async () => {
    const [row] = await sql<{ id: string }[]>`
      select id from orders where organization_id = ${organization.id}
      order by ordered_at desc limit 1`;
    return `${base}/orders/${row?.id}`;
  };
  await page.goto(`${base}/shop`);
  await buy(page, "Credits");
  await page.goto(await newest());
  await expectReadable(page);

  await page.getByRole("button", { name: "Give up this order" }).press("Enter");

  await expect(page.getByText("The order is given up. Nothing was charged")).toBeVisible();
  await expect(page.getByText("The payment page is closed")).toBeVisible();
  await expect(page.getByRole("button", { name: "Give up this order" })).toHaveCount(0);
  await expectReadable(page);

  const context = await browser.newContext({
    baseURL: shop.url,
    storageState: await page.context().storageState(),
    javaScriptEnabled: false,
    viewport: PHONE,
  });
  const plain = await context.newPage();
  await plain.goto(`${base}/shop`);
  await buy(plain, "Credits");
  await plain.goto(await newest());
  await plain.getByRole("button", { name: "Give up this order" }).click();

  await expect(plain.getByText("The order is given up. Nothing was charged")).toBeVisible();
  await context.close();
});

test("that is paid while somebody gives it up is bought, and says so", async ({ arrives, sql }) => {
  const { page, base, organization } = await arrives("Pays after all");
  await page.goto(`${base}/shop`);
  await buy(page, "Credits");
  const [order] = await sql<{ id: string }[]>`
    select id from orders where organization_id = ${organization.id}`;
  const other = await page.context().newPage();
  await other.goto(`${base}/orders/${order?.id}`);
  await payWith(page, GOOD);
  await expect(page.getByText("You bought Credits")).toBeVisible();

  await other.getByRole("button", { name: "Give up this order" }).click();

  await expect(other.getByText("It was paid for before it could be given up")).toBeVisible();
  await expect(other.getByText("You bought Credits")).toBeVisible();
});
