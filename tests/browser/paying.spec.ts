import type { Page } from "@playwright/test";
import type { Box } from "#tests/support/sandbox.ts";
import { advanceTo } from "#tests/support/sandbox-subscriptions.ts";
import { eventually } from "./fixtures.ts";
import { expectReadable } from "./reading.ts";
import { expect, has, type Subscribed, test } from "./shop.ts";

/* Somebody who has a plan ends it, keeps it, pays for it with another card, and says where to send the bills. */

test.describe.configure({ mode: "default", timeout: 120_000 });

/** The renewal that no card paid. */
async function isOverdue(somebody: Subscribed, box: Box): Promise<void> {
  const { page, payer, base } = somebody;
  const { id } = await box.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
    customer: payer.customer,
  });
  await box.stripe.customers.update(payer.customer, {
    invoice_settings: { default_payment_method: id },
  });
  await advanceTo(box, payer, "2027-06-01T02:00:00Z");
  await page.goto(`${base}/billing`);
  await eventually(page, async () => {
    await expect(page.getByText(/^Past due since/)).toBeVisible({ timeout: 500 });
  });
}

/** Enters a card on the gateway's page. */
async function enterCard(page: Page, number: string): Promise<void> {
  await page.getByLabel("Card number").fill(number);
  await page.getByLabel(/^Expir/).fill("12 / 40");
  await page.getByLabel(/^CVC|^Security/).fill("123");
  await page.getByLabel("Name on the card").fill("Nora Newcomer");
  await page.getByRole("button", { name: /^Save/ }).click();
}

test("cancels after reading what is lost and when, and keeps the plan with one button", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await has("pro", await arrives("Ending"), { box, sql, listens });
  const { page, subscription, base } = somebody;
  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(page).toHaveURL(`${base}/cancel`);
  await expect(page.getByText("You keep Pro until 1 June 2027.")).toBeVisible();
  await expect(page.getByText(/^After that you have Free:/)).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: /instead of|^no / })).not.toHaveCount(
    0,
  );
  await expectReadable(page);

  await page.getByRole("button", { name: "Cancel Pro" }).click();
  await expect(page).toHaveURL(`${base}/cancel`);
  await page.getByLabel("Why do you cancel?").selectOption("It is too expensive");
  await page.getByLabel("What could we have done better?").fill("Half the price");
  await page.getByRole("button", { name: "Cancel Pro" }).click();

  await expect(page.getByRole("status")).toContainText("You keep Pro until 1 June 2027");
  const canceled = await box.stripe.subscriptions.retrieve(subscription);
  expect(canceled.cancel_at_period_end).toBe(true);
  expect(canceled.cancellation_details).toMatchObject({
    feedback: "too_expensive",
    comment: "Half the price",
  });

  await page.getByRole("button", { name: "Keep my plan" }).click();

  await expect(page.getByRole("status")).toContainText("You keep Pro. It renews as before.");
  await expect(page.getByRole("link", { name: "Cancel" })).toBeVisible();
  const kept = await box.stripe.subscriptions.retrieve(subscription);
  expect(kept.cancel_at_period_end).toBe(false);
});

test("pauses where the operator allows it, and goes on", async ({ arrives, listens, box, sql }) => {
  const somebody = await has("pro", await arrives("Pause"), { box, sql, listens });
  const { page, subscription, base } = somebody;
  await page.goto(`${base}/cancel`);
  await expect(page.getByRole("heading", { name: "Pause instead" })).toHaveCount(0);

  await sql`insert into settings (key, value) values ('isPauseAllowed', 'true')
    on conflict (key) do update set value = 'true'`;
  await page.reload();
  await expect(page.getByText(/until 1 June 2027, is not given back/)).toBeVisible();
  await expectReadable(page);
  await page.getByRole("button", { name: "Pause subscription" }).click();

  await expect(page.getByRole("status")).toContainText("Your subscription is paused");
  expect((await box.stripe.subscriptions.retrieve(subscription)).status).toBe("paused");
  await page.getByRole("link", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Resume subscription" }).click();

  await expect(page.getByRole("status")).toContainText("Pro goes on, €29.00 charged today");
  expect((await box.stripe.subscriptions.retrieve(subscription)).status).toBe("active");
  await sql`delete from settings where key = 'isPauseAllowed'`;
});

test("adds a card on the gateway's page, sees it at once, makes it pay and removes the other", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await has("pro", await arrives("Cards"), { box, sql, listens });
  const { page, base, payer } = somebody;
  await page.getByRole("link", { name: "Payment methods" }).click();
  const row = (words: string) => page.getByRole("row").filter({ hasText: words });
  await expect(row("Visa •••• 4242")).toContainText("Default");
  await expect(row("Visa •••• 4242")).toContainText("Add another one first");
  await expect(page.getByRole("button", { name: /^Remove/ })).toHaveCount(0);

  await page.getByRole("button", { name: "Add card" }).click();
  await enterCard(page, "5555555555554444");

  await expect(page).toHaveURL(new RegExp(`${base}/payment-methods\\?added=`));
  await expect(row("Mastercard •••• 4444")).toBeVisible();
  await expectReadable(page);
  await page.getByRole("button", { name: "Make default: Mastercard •••• 4444" }).click();
  await expect(row("Mastercard •••• 4444")).toContainText("Default");

  await page.getByRole("button", { name: "Remove Visa •••• 4242" }).click();
  await expectReadable(page, "[role=dialog]");
  await page.getByRole("button", { name: "Remove card" }).click();
  await expect(page.getByText("Visa •••• 4242 was removed.")).toBeVisible();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(row("Visa •••• 4242")).toHaveCount(0);
  const { data } = await box.stripe.customers.listPaymentMethods(payer.customer);
  expect(data.map(({ card }) => card?.last4)).toEqual(["4444"]);
});

test("warns of a card that expires this month, on the plan's page and beside the card", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const { page, payer } = await has("pro", await arrives("Expiring"), { box, sql, listens });
  const now = new Date();
  await sql`update payment_methods
    set exp_month = ${now.getUTCMonth() + 1}, exp_year = ${now.getUTCFullYear()}
    where customer_ref = ${payer.customer}`;

  await page.reload();
  await expect(page.getByText("Visa •••• 4242 expires this month")).toBeVisible();
  await expectReadable(page);
  await page.getByRole("link", { name: "Change the card" }).click();

  await expect(page.getByText("Expires this month")).toBeVisible();
  await expectReadable(page);
});

test("leads without scripts to the gateway's page, and back to the card", async ({
  arrives,
  listens,
  box,
  sql,
  browser,
  shop,
}) => {
  const somebody = await has("pro", await arrives("No scripts"), { box, sql, listens });
  const storageState = await somebody.page.context().storageState();
  const context = await browser.newContext({
    baseURL: shop.url,
    storageState,
    javaScriptEnabled: false,
  });
  const page = await context.newPage();
  await page.goto(`${somebody.base}/payment-methods`);

  await page.getByRole("button", { name: "Add card" }).click();
  await enterCard(page, "5555555555554444");

  await expect(page.getByText("Mastercard •••• 4444")).toBeVisible();
  await context.close();
});

test("mends a failed payment with one button: another card that pays for everything", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await has("pro", await arrives("Overdue"), { box, sql, listens });
  const { page, base, subscription } = somebody;
  await isOverdue(somebody, box);
  await expectReadable(page);
  await page.goto(`${base}/payment-methods`);
  await expect(page.getByText(/^€29.00 for invoice .* could not be collected$/)).toBeVisible();
  await expectReadable(page);

  await page.getByRole("button", { name: "Pay €29.00 with Visa •••• 4242" }).click();

  await expect(page.getByText(/could not be collected/)).toHaveCount(0);
  await expect(page.getByRole("row").filter({ hasText: "4242" })).toContainText("Default");
  expect((await box.stripe.subscriptions.retrieve(subscription)).status).toBe("active");
  await page.goto(`${base}/billing`);
  await expect(page.getByText(/^Past due since/)).toHaveCount(0);
});

test("pays an open invoice from its page, and says why where the card is declined", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await has("pro", await arrives("Invoice"), { box, sql, listens });
  const { page, base, payer } = somebody;
  await isOverdue(somebody, box);
  await page.goto(`${base}/invoices`);
  await page.getByRole("row").filter({ hasText: "Past due" }).getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Invoice /);
  await expectReadable(page);

  await page.getByRole("button", { name: /^Pay €29.00 with/ }).click();
  await expect(page.getByText(/declined\. The invoice is still open\./).first()).toBeVisible();
  const { data } = await box.stripe.customers.listPaymentMethods(payer.customer);
  const good = data.find(({ card }) => card?.last4 === "4242");
  await box.stripe.customers.update(payer.customer, {
    invoice_settings: { default_payment_method: good?.id ?? "" },
  });
  await eventually(page, async () => {
    await expect(page.getByRole("button", { name: "Pay €29.00 with Visa •••• 4242" })).toBeVisible({
      timeout: 500,
    });
  });
  await page.getByRole("button", { name: "Pay €29.00 with Visa •••• 4242" }).click();

  await expect(page.getByRole("button", { name: /^Pay €29.00/ })).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 1 }).locator("..")).toContainText("Paid");
  await eventually(page, async () => {
    const payments = page.getByRole("region", { name: "Payments" });
    await expect(payments).toContainText("Succeeded", { timeout: 500 });
  });
});

test("keeps billing details at the gateway, and keeps what was typed where one is missing", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await has("pro", await arrives("Details"), { box, sql, listens });
  const { page, payer } = somebody;
  await page.getByRole("link", { name: "Billing details" }).click();
  await expect(page.getByLabel("Name on invoices")).toHaveValue("Nora Newcomer");
  await page.getByLabel("Name on invoices").fill("Acme GmbH");
  await page.getByLabel("Street and number").fill("Hauptstraße 1");
  await page.getByRole("button", { name: "Save details" }).click();

  await expect(page.getByLabel("Country")).toBeFocused();
  await expect(page.getByText("Choose a country.").first()).toBeVisible();
  await expect(page.getByLabel("Name on invoices")).toHaveValue("Acme GmbH");
  await expectReadable(page);
  await page.getByLabel("Country").selectOption("Germany");
  await page.getByRole("button", { name: "Save details" }).click();

  await expect(page.getByText("Billing details saved.").first()).toBeVisible();
  const told = await box.stripe.customers.retrieve(payer.customer);
  expect(told.deleted ? null : [told.name, told.address?.line1, told.address?.country]).toEqual([
    "Acme GmbH",
    "Hauptstraße 1",
    "DE",
  ]);
  await page.reload();
  await expect(page.getByLabel("Name on invoices")).toHaveValue("Acme GmbH");
});

test("keeps several tax ids, adds one and removes one", async ({ arrives, listens, box, sql }) => {
  const somebody = await has("pro", await arrives("Tax ids"), { box, sql, listens });
  const { page, payer, base } = somebody;
  const numbers = async () => {
    const { data } = await box.stripe.customers.listTaxIds(payer.customer);
    return data.map(({ value }) => value).sort();
  };
  await page.goto(`${base}/details`);
  for (const [kind, number] of [
    ["EU VAT number", "DE123456789"],
    ["UK VAT number", "GB123456789"],
  ] as const) {
    await page.getByLabel(/^Kind/).selectOption(kind);
    await page.getByLabel(/^(Another t|T)ax id/).fill(number);
    await page.getByRole("button", { name: "Save details" }).click();
    await expect(page.getByText(`${kind} ${number}`).first()).toBeVisible();
  }
  expect(await numbers()).toEqual(["DE123456789", "GB123456789"]);
  await expectReadable(page);

  await page.getByRole("checkbox", { name: "Remove EU VAT number DE123456789" }).check();
  await page.getByRole("button", { name: "Save details" }).click();

  await expect(page.getByText("DE123456789")).toHaveCount(0);
  await expect(page.getByText("GB123456789").first()).toBeVisible();
  expect(await numbers()).toEqual(["GB123456789"]);
});
