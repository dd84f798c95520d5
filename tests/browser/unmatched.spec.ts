import { eventually, expect, openEvent, test } from "./fixtures.ts";
import { subscription } from "./objects.ts";
import { customerOf } from "./seed.ts";
import { PRO } from "./stories.ts";

test("moves the tier by itself once a customer is linked by hand", async ({
  as,
  stripe,
  newOrganization,
}) => {
  const organization = await newOrganization("Stark");
  const it = customerOf("");
  const id = await stripe.tells("customer.subscription.updated", subscription(it, PRO, "active"));
  const page = await as("administrator");
  await page.goto(`/admin/webhooks?q=${id}`);
  await eventually(page, async () => {
    await expect(page.getByRole("row").filter({ hasText: "Unmatched" })).toBeVisible({
      timeout: 1_000,
    });
  });

  await page.getByRole("link", { name: "Customers" }).first().click();
  await expect(page).toHaveURL("/admin/customers");
  await page.getByRole("row").filter({ hasText: it.customer }).getByRole("link").first().click();
  await expect(page.getByRole("heading", { name: "What waits" })).toBeVisible();
  await page.getByLabel("Find an organization").fill(organization.name);
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByRole("button", { name: `Link to ${organization.name}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Link customer" }).click();
  await expect(page.getByText("linked by an administrator")).toBeVisible();

  await page.goto(`/admin/organizations/${organization.id}`);
  await eventually(page, async () => {
    await expect(page.getByText("Free → Pro").first()).toBeVisible({ timeout: 1_000 });
  });
  await page.goto(`/admin/webhooks?q=${id}`);
  await expect(page.getByRole("row").filter({ hasText: "Processed" })).toBeVisible();
});

test("moves the tier by itself once a price is put into a plan, from the event that named it", async ({
  as,
  stripe,
  newOrganization,
}) => {
  const organization = await newOrganization("Wayne");
  const it = customerOf(organization.id);
  const price = `price_${it.tag}`;
  const id = await stripe.tells("customer.subscription.created", {
    ...subscription(it, price, "active"),
    metadata: { organization_id: organization.id },
  });
  const page = await as("administrator");
  await openEvent(page, id);
  await eventually(page, async () => {
    await expect(page.getByText(`${price} is in no plan`).first()).toBeVisible({ timeout: 1_000 });
  });

  await page.getByRole("button", { name: "Put price into a plan" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Plan").selectOption("Business");
  await dialog.getByRole("button", { name: "Put into plan" }).click();
  await expect(page.getByText(/1 organization follows/).first()).toBeVisible();

  await page.goto(`/admin/organizations/${organization.id}`);
  await eventually(page, async () => {
    await expect(page.getByText("Free → Business").first()).toBeVisible({ timeout: 1_000 });
  });
});

test("lets a price be put into a plan from the list of prices", async ({
  as,
  stripe,
  newOrganization,
}) => {
  const organization = await newOrganization("Cyberdyne");
  const it = customerOf(organization.id);
  const price = `price_${it.tag}`;
  await stripe.tells("customer.subscription.created", {
    ...subscription(it, price, "active"),
    metadata: { organization_id: organization.id },
  });
  const page = await as("administrator");
  await page.goto("/admin/plans/prices");
  await eventually(page, async () => {
    await expect(page.getByLabel(`Plan of ${price}`, { exact: true })).toBeVisible({
      timeout: 1_000,
    });
  });

  await page.getByLabel(`Plan of ${price}`, { exact: true }).selectOption("Pro");
  await page.getByRole("button", { name: `Save the plan of ${price}` }).click();
  await expect(page.getByText(/1 organization follows/).first()).toBeVisible();

  await page.goto(`/admin/organizations/${organization.id}`);
  await eventually(page, async () => {
    await expect(page.getByText("Free → Pro").first()).toBeVisible({ timeout: 1_000 });
  });
});
