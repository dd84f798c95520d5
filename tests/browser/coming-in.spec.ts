import { randomBytes } from "node:crypto";
import type { Organization } from "./deployments.ts";
import { eventually } from "./fixtures.ts";
import { expectReadable } from "./reading.ts";
import { expect, test } from "./shop.ts";

/* What comes from a living product: its people by a link, and its customers by an import. */

async function linkFor(
  at: { url: string; apiKey: string },
  organization: Organization,
  more: object,
): Promise<string> {
  const answer = await fetch(`${at.url}/api/v1/portal-sessions`, {
    method: "POST",
    headers: { authorization: `Bearer ${at.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ organization_id: organization.id, ...more }),
  });
  expect(answer.status).toBe(201);
  const { url }: { url: string } = await answer.json();
  return new URL(url).pathname;
}

test("a link of the product lets a member in by one press, once, and into that portal only", async ({
  shop,
  stranger,
  newOrganization,
}) => {
  const organization = await newOrganization("Let in");
  const user_email = `${randomBytes(4).toString("hex")}@example.com`;
  const who = { user_email, create_member: true, role: "owner", return_to: "/members" };
  const link = await linkFor(shop, organization, who);
  // What looks at links before people do uses nothing up.
  for (let look = 0; look < 3; look++) await fetch(`${shop.url}${link}`);
  const page = await stranger();

  await page.goto(link);
  await expect(page.getByText(user_email)).toBeVisible();
  await expectReadable(page);
  await page.getByRole("button", { name: "Continue" }).press("Enter");

  await expect(page).toHaveURL(`${shop.url}/portal/${organization.slug}/members`);
  await expect(page.getByRole("row").filter({ hasText: user_email })).toContainText("Owner");
  await page.goto("/account");
  await expect(page).toHaveURL(/\/sign-in\?from=/);
  await page.goto(link);
  await page.getByRole("link", { name: `Continue to ${organization.name}` }).click();
  await expect(page).toHaveURL(`${shop.url}/portal/${organization.slug}/billing`);

  const other = await stranger();
  await other.goto(link);
  await expect(other.getByText("Go back to where you came from")).toBeVisible();
  await expect(other.getByText(organization.name)).toHaveCount(0);
});

test("who is signed in as somebody else is told before a link signs them out", async ({
  shop,
  arrives,
  newOrganization,
}) => {
  const { page, person } = await arrives("Signed in");
  const organization = await newOrganization("Another");
  const user_email = `${randomBytes(4).toString("hex")}@example.com`;
  const link = await linkFor(shop, organization, { user_email, create_member: true });

  await page.goto(link);
  await expect(page.getByText(`You are signed in as ${person.email}`)).toBeVisible();
  await expectReadable(page);
  await page.getByRole("button", { name: "Sign out and continue" }).click();

  await expect(page).toHaveURL(`${shop.url}/portal/${organization.slug}/billing`);
  await page.goto("/portal");
  await expect(page).toHaveURL(`${shop.url}/portal/${organization.slug}/billing`);
});

test("customers from before are imported, and who was not matched is linked by hand", async ({
  as,
  box,
  sql,
  arrives,
}) => {
  const { organization, person } = await arrives("From before");
  const [price] = await sql<{ ref: string }[]>`select ref from gateway_prices limit 1`;
  const subscribed = async (email: string) => {
    const { id: customer } = await box.stripe.customers.create({ email });
    const items = [{ price: price?.ref ?? "" }];
    await box.stripe.subscriptions.create({ customer, items, trial_period_days: 30 });
    return customer;
  };
  await subscribed(person.email);
  const stray = `${randomBytes(4).toString("hex")}@example.com`;
  await subscribed(stray);
  const page = await as("administrator");

  await page.goto("/admin/customers");
  await page.getByRole("link", { name: "Import", exact: true }).click();
  await page.getByRole("button", { name: "Import customers" }).click();
  await expect(page.getByRole("heading", { name: "Finished" })).toBeVisible({ timeout: 40_000 });
  await expectReadable(page);

  const row = page.getByRole("row").filter({ hasText: stray });
  await expect(row).toContainText(`none here has the address ${stray}`);
  await expect(page.getByText(person.email)).toHaveCount(0);
  await page.goto(`/admin/organizations/${organization.id}`);
  await expect(page.getByText("Trialing").first()).toBeVisible();

  await page.goto("/admin/customers/import");
  await row.getByRole("link", { name: "By hand" }).click();
  await page.getByLabel("Find an organization").fill(organization.id);
  await page.getByRole("button", { name: "Find", exact: true }).click();
  await page.getByRole("button", { name: `Link to ${organization.name}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Link customer" }).click();
  await expect(page.getByText("Linked", { exact: true })).toBeVisible();
  await eventually(page, async () => expect(page.getByText("Trialing")).toBeVisible());

  await page.goto("/admin/customers/import");
  await expect(page.getByText(stray)).toHaveCount(0);
  await page.getByRole("button", { name: "Import customers" }).click();
  await expect(page.getByText("Nothing changed")).toBeVisible({ timeout: 40_000 });
});
