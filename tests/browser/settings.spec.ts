import type { Page } from "@playwright/test";
import { eventually, expect } from "./fixtures.ts";
import { invoice, subscription } from "./objects.ts";
import { test } from "./office.ts";
import { becomesCustomer, PRO } from "./stories.ts";

const GENERAL = "/admin/settings/general";
const STRIPE = "/admin/settings/gateways/stripe";
const DAY_MS = 86_400_000;

test("calls the product by its name wherever customers read it", async ({ as, stranger }) => {
  const page = await as("administrator");
  const [owner, customer] = [await as("owner"), await stranger()];
  await page.goto("/admin/settings");
  await page.getByRole("link", { name: /^General/ }).click();
  await page.getByLabel("Product name").fill("  Nimbus & Co  ");
  await page.getByLabel(/Support e-mail/).fill("help@nimbus.example");
  await save(page);

  await customer.goto("/");
  await expect(customer).toHaveTitle(/Nimbus & Co/);
  await expect(customer.getByRole("banner")).toContainText("Nimbus & Co");
  await expect(customer.getByRole("link", { name: "help@nimbus.example" })).toHaveAttribute(
    "href",
    "mailto:help@nimbus.example",
  );
  await customer.goto("/sign-in");
  await expect(customer.getByText("Nimbus & Co").first()).toBeVisible();
  await owner.goto("/portal/acme/billing");
  await expect(owner.getByRole("banner")).toContainText("Nimbus & Co");
  await page.goto("/admin/audit");
  await expect(page.getByText(/Nimbus & Co/).first()).toBeAttached();
});

test("gives the gateway the public address that was chosen, and its own without one", async ({
  as,
  deployment,
}) => {
  const page = await as("administrator");
  await page.goto(GENERAL);
  await page.getByLabel(/Public address/).fill("https://billing.nimbus.example/");
  await save(page);
  await page.goto(STRIPE);
  await expect(
    page.getByText("https://billing.nimbus.example/api/webhooks/stripe", { exact: true }),
  ).toBeVisible();

  await page.goto(GENERAL);
  await expect(page.getByLabel(/Public address/)).toHaveValue("https://billing.nimbus.example");
  await page.getByLabel(/Public address/).fill("");
  await save(page);
  await page.goto(STRIPE);
  await expect(page.getByText(`${deployment.url}/api/webhooks/stripe`).first()).toBeVisible();
});

test("lets a tier last as many days after a failed payment as were chosen", async ({
  as,
  stripe,
  newOrganization,
}) => {
  const organization = await newOrganization("Patient");
  const page = await as("administrator");
  await page.goto(GENERAL);
  await page.getByLabel("Days of grace").fill("23");
  await save(page);
  await page.goto("/admin/settings");
  await expect(page.getByText(/23 days of grace/)).toBeVisible();

  const { it } = await becomesCustomer(stripe, organization);
  const now = Math.floor(Date.now() / 1_000);
  await stripe.tells("invoice.payment_failed", invoice(it, 2, 2900, "open"), { at: now + 1 });
  const until = new Date((now + 1) * 1_000 + 23 * DAY_MS);
  await stripe.tells("customer.subscription.updated", subscription(it, PRO, "past_due"), {
    at: now + 1,
  });

  await page.goto(`/admin/organizations/${organization.id}`);
  const day = until.toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    timeZone: "UTC",
  });
  await eventually(page, async () => {
    const tier = page.getByRole("region", { name: "Tier", exact: true });
    await expect(tier).toContainText(day, { timeout: 1_000 });
  });
});

test("says beside each setting what is wrong with it, and keeps what was typed", async ({
  as,
  sql,
}) => {
  const page = await as("administrator");
  const known = await sql`select key, value from settings order by key`;
  await page.goto(GENERAL);
  await page.getByLabel("Product name").fill("Half done");
  await page.getByLabel(/Public address/).fill("https://billing.example.com/path");
  await page.getByLabel(/Accent colour/).fill("plum");
  await page.getByRole("button", { name: "Save settings" }).click();

  await expect(page.getByLabel(/Public address/)).toHaveAccessibleDescription(/without a path/);
  await expect(page.getByLabel(/Accent colour/)).toHaveAccessibleDescription(/Write it as #rrggbb/);
  await expect(page.getByLabel(/Public address/)).toBeFocused();
  await expect(page.getByLabel("Product name")).toHaveValue("Half done");
  await expect(page.getByLabel(/Accent colour/)).toHaveValue("plum");
  expect(await sql`select key, value from settings order by key`).toEqual(known);
});

async function save(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(page.getByText("Settings saved.").first()).toBeVisible();
}
