import type { Locator, Page } from "@playwright/test";
import type { Sql } from "#db/client.ts";
import { eventually } from "./fixtures.ts";
import { DESKTOP, expectReadable } from "./reading.ts";
import { expect, type Newcomer, sellPlan, test } from "./shop.ts";

/* What an administrator does in an organization's place, from its page, and what its owner sees of it. */

test.describe.configure({ mode: "default", timeout: 120_000 });

const LAST_DAY = "2030-12-03";

async function openOrganization(page: Page, { organization }: Newcomer): Promise<void> {
  await page.setViewportSize(DESKTOP);
  await page.goto(`/admin/organizations/${organization.id}`);
}

/** The organization's page, as soon as what the gateway told offers all of this. */
async function openWhenKnown(page: Page, somebody: Newcomer, ...links: string[]): Promise<void> {
  await openOrganization(page, somebody);
  await eventually(page, async () => {
    for (const name of links) {
      await expect(page.getByRole("link", { name })).toBeVisible({ timeout: 500 });
    }
  });
}

/** Why administrators did what they did for it, as the audit log keeps it. */
async function reasonsOf(sql: Sql, { organization }: Newcomer): Promise<string[]> {
  const rows = await sql<{ reason: string }[]>`
    select reason from audit_entries where organization_id = ${organization.id}
      and reason is not null order by id`;
  return rows.map(({ reason }) => reason);
}

function region(page: Page, name: string): Locator {
  return page.getByRole("region", { name, exact: true });
}

/** What became of what was asked, beside the page's other quiet words. */
function said(page: Page, words: string): Locator {
  return page.getByRole("status").filter({ hasText: words });
}

test("gives a plan free of charge, says so to its owner, and ends it", async ({ as, arrives }) => {
  const somebody = await arrives("Speakers");
  const admin = await as("administrator");
  await openOrganization(admin, somebody);
  await admin.getByRole("link", { name: "Grant" }).click();
  const free = region(admin, "A plan free of charge");

  await free.getByLabel("Plan or tier").selectOption({ label: "Plan Business" });
  await free.getByLabel("Last day").fill(LAST_DAY);
  await free.getByLabel("Reason").fill("They speak at our conference");
  await free.getByRole("button", { name: "Give free of charge" }).click();
  await expect(free.getByText("They speak at our conference")).toBeVisible();
  await expectReadable(admin);

  await openOrganization(admin, somebody);
  const tier = region(admin, "Tier");
  await expect(tier).toContainText("Business is free of charge until 3 Dec 2030.");
  await expect(tier).toContainText("They speak at our conference");
  const { page, base } = somebody;
  await page.goto(`${base}/billing`);
  const plan = region(page, "Plan");
  await expect(plan).toContainText("Business is free of charge until 3 December 2030.");
  await expectReadable(page);

  await admin.getByRole("link", { name: "Grant" }).click();
  const given = admin.locator("form").filter({ hasText: "End it now" });
  await given.getByLabel("Reason").fill("They did not come");
  await given.getByRole("button", { name: "End it now" }).click();
  await expect(admin.getByRole("button", { name: "Give free of charge" })).toBeVisible();
  await page.reload();
  await expect(plan).toContainText("Free");
  await expect(plan).not.toContainText("free of charge");
  await openOrganization(admin, somebody);
  await admin.getByRole("main").getByRole("link", { name: "Audit log" }).click();
  await expect(admin.getByRole("row", { name: /Comp: end/ })).toContainText("They did not come");
});

test("pauses a subscription and lets it go on, each for a reason", async ({
  as,
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await arrives("On leave");
  await listens();
  const { subscription } = await sellPlan("pro", somebody.organization, { box, sql });
  const admin = await as("administrator");
  await openWhenKnown(admin, somebody, "Pause Pro");

  await admin.getByRole("link", { name: "Pause Pro" }).click();
  await expect(admin.getByText(/until 1 June 2027/)).toBeVisible();
  await expectReadable(admin);
  await admin.getByLabel("Reason").fill("On parental leave");
  await admin.getByRole("button", { name: "Pause Pro" }).click();
  await expect(said(admin, "Pro is paused. Nothing is charged until it is resumed.")).toBeVisible();
  expect((await box.stripe.subscriptions.retrieve(subscription)).status).toBe("paused");

  await admin.getByRole("link", { name: "Resume Pro" }).click();
  await expectReadable(admin);
  await admin.getByLabel("Reason").fill("They are back");
  await admin.getByRole("button", { name: "Resume Pro" }).click();
  await expect(said(admin, "Pro goes on, €29.00 charged today")).toBeVisible();
  expect(await reasonsOf(sql, somebody)).toEqual(["On parental leave", "They are back"]);
});

test("reads what stands in the way as somebody else's", async ({
  as,
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await arrives("Crowded");
  const { organization } = somebody;
  await listens();
  await sellPlan("business", organization, { box, sql });
  await sql`insert into users (id, email, name)
    select 'usr_throng' || n || ${organization.slug.slice(-6)}, n || '.throng' || ${organization.slug} || '@example.com', 'Throng'
    from generate_series(1, 11) n`;
  await sql`insert into members (organization_id, user_id, role)
    select ${organization.id}, id, 'member' from users
    where email like ${`%.throng${organization.slug}@example.com`}`;
  const admin = await as("administrator");
  await openWhenKnown(admin, somebody, "Change Business");

  await admin.getByRole("link", { name: "Change Business" }).click();

  const words = `${organization.name} uses 12 seats; Pro has 10. Members have to be removed first.`;
  await expect(admin.getByText(words)).toBeVisible();
});

test("changes a plan, gives a part back and ends it, each for a reason", async ({
  as,
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await arrives("On behalf");
  await listens();
  const { payer } = await sellPlan("business", somebody.organization, { box, sql });
  const admin = await as("administrator");
  await openWhenKnown(admin, somebody, "Change Business", "Refund a payment");

  await admin.getByRole("link", { name: "Change Business" }).click();
  await admin.getByRole("link", { name: "Choose Pro" }).click();
  await admin.getByRole("link", { name: "Change now instead" }).click();
  await expect(admin.getByRole("row", { name: /^Credited/ })).toContainText("€35.00");
  await expectReadable(admin);
  await admin.getByLabel("Reason").fill("Sold too much");
  await admin.getByRole("button", { name: "Change plan" }).click();
  await expect(said(admin, "Plan updated, €35.00 credited")).toBeVisible();

  await admin.getByRole("link", { name: "Refund a payment" }).click();
  await admin.getByRole("link", { name: "Refund €99.00" }).click();
  const refund = region(admin, "Refund");
  await refund.getByLabel("Amount in EUR").fill("100");
  await refund.getByLabel("Reason").fill("Paid twice");
  await refund.getByRole("button", { name: "Refund" }).click();
  await expect(refund).toContainText("Only €99.00 of it is left to give back.");
  await refund.getByLabel("Amount in EUR").fill("9.90");
  await refund.getByRole("button", { name: "Refund" }).click();
  await expect(said(admin, "€9.90 refunded")).toBeVisible();

  await admin.getByRole("link", { name: "End Pro" }).click();
  const now = region(admin, "At once");
  await now.getByLabel("Reason").fill("Asked for by telephone");
  await now.getByRole("button", { name: "End Pro now" }).click();
  await expect(said(admin, "The subscription has ended.")).toBeVisible();
  const { data } = await box.stripe.subscriptions.list({ customer: payer.customer, status: "all" });
  expect(data.map(({ status }) => status)).toEqual(["canceled"]);
  expect(await reasonsOf(sql, somebody)).toEqual([
    "Sold too much",
    "Paid twice",
    "Asked for by telephone",
  ]);
});
