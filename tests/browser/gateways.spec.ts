import { randomBytes } from "node:crypto";
import type { Locator, Page } from "@playwright/test";
import { eventually, expect, test } from "./fixtures.ts";
import { subscription } from "./objects.ts";
import { customerOf } from "./seed.ts";

const SETTINGS = "/admin/settings/gateways/stripe";

test("shows the webhook address with a button that copies it", async ({ as, seeded }) => {
  const page = await as("administrator");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/admin");
  await page.getByRole("link", { name: "Settings" }).click();
  await page
    .getByRole("link", { name: /Stripe/ })
    .first()
    .click();
  const address = `${seeded.url}/api/webhooks/stripe`;
  await expect(page.getByText(address, { exact: true })).toBeVisible();

  await page.getByRole("button", { name: /Copy webhook address/i }).click();

  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(address);
});

test("is also found under integrations", async ({ as }) => {
  const page = await as("administrator");

  await page.goto("/admin/settings/integrations/stripe");

  await expect(page).toHaveURL(SETTINGS);
});

test("refuses an API key that is pasted as a signing secret, with a sentence", async ({ as }) => {
  const page = await as("administrator");
  await page.goto(SETTINGS);
  const dialog = await openAdd(page);

  await dialog.getByLabel("Signing secret").fill(`sk_test_${"a1B2".repeat(6)}`);
  await dialog.getByRole("button", { name: "Add secret" }).click();

  await expect(dialog.getByLabel("Signing secret")).toHaveAttribute("aria-invalid", "true");
  await expect(dialog.getByText(/API key/i).first()).toBeVisible();
  expect(await page.content()).not.toContain("a1B2a1B2");
});

test("trims a pasted secret, believes it beside the others, and never shows it again", async ({
  as,
  stripe,
}) => {
  const page = await as("administrator");
  const secret = newSecret();
  await page.goto(SETTINGS);
  await addSecret(page, `  ${secret} \t`, "Second endpoint");

  await expect(secretCalled(page, "Second endpoint")).toContainText("Active");
  await stripe.tells("customer.subscription.updated", someSubscription(), { secret });
  await stripe.tells("customer.subscription.updated", someSubscription());

  await eventually(page, async () => {
    await expect(secretCalled(page, "Second endpoint")).toContainText("1 delivery");
  });
  for (const path of [SETTINGS, "/admin/audit", "/admin/settings", "/admin/webhooks", "/admin"]) {
    await page.goto(path);
    expect(await page.content()).not.toContain(secret);
    expect(await (await page.request.get(path)).text()).not.toContain(secret);
  }
});

test("refuses what only a retired secret proves, and believes it again once it is back", async ({
  as,
  stripe,
}) => {
  const page = await as("administrator");
  const secret = newSecret();
  await page.goto(SETTINGS);
  await addSecret(page, secret, "Old endpoint");
  const row = secretCalled(page, "Old endpoint");

  await row.getByRole("button", { name: /^Retire/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Retire secret" }).click();
  await expect(row).toContainText("Retired");
  await expect(async () => {
    await stripe.isRefused("customer.subscription.updated", someSubscription(), secret);
  }).toPass();

  await row.getByRole("button", { name: /^Use again/ }).click();
  await expect(row).toContainText("Active");
  await expect(async () => {
    await stripe.tells("customer.subscription.updated", someSubscription(), { secret });
  }).toPass();
});

test("accepts by itself what a wrong secret had refused, once the right one is there", async ({
  as,
  stripe,
  seeded,
}) => {
  const page = await as("administrator");
  const secret = newSecret();
  const it = customerOf(seeded.organizations.acme.id);
  const id = await stripe.isRefused(
    "customer.subscription.updated",
    subscription(it, "price_demo_pro_monthly", "active"),
    secret,
  );
  const refused = await openRefused(page, it.subscription);
  await expect(page.getByText(/As soon as the right secret is here/)).toBeVisible();

  await page.goto(SETTINGS);
  await addSecret(page, secret, "Right endpoint");

  await page.goto(refused);
  await eventually(page, async () => {
    await expect(page.getByText("It was believed after all")).toBeVisible({ timeout: 2_000 });
  });
  await page.getByRole("link", { name: "Open the event" }).click();
  await expect(page.getByText(id).first()).toBeVisible();
});

/** Opens the refused request whose body says something; others may be refused at the same time. */
async function openRefused(page: Page, said: string): Promise<string> {
  const rows = page.getByRole("row").filter({ hasText: "Signature does not match" });
  for (let nth = 0; nth < 20; nth++) {
    await page.goto("/admin/webhooks?verdict=refused");
    await rows.first().waitFor();
    await rows
      .nth(nth % (await rows.count()))
      .getByRole("link")
      .first()
      .click();
    await expect(page).toHaveURL(/\/refused\//);
    const body = page.getByRole("group", { name: "Body" });
    await body.waitFor();
    if ((await body.textContent())?.includes(said)) return page.url();
  }
  throw new Error(`No refused request says ${said}.`);
}

function newSecret(): string {
  return `whsec_${randomBytes(24).toString("hex")}`;
}

function someSubscription(): object {
  return subscription(customerOf(""), "price_demo_pro_monthly", "active");
}

async function openAdd(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: "Add test secret" }).click();
  return page.getByRole("dialog", { name: "Add a test signing secret" });
}

async function addSecret(page: Page, secret: string, name: string): Promise<void> {
  const dialog = await openAdd(page);
  await dialog.getByLabel("Signing secret").fill(secret);
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Add secret" }).click();
  await expect(page.getByText(/verifies from now on/).first()).toBeVisible();
  await expect(dialog).toHaveCount(0);
}

function secretCalled(page: Page, name: string): Locator {
  return page.getByRole("listitem").filter({ hasText: name });
}
