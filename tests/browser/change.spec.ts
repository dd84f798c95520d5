import type { Locator, Page } from "@playwright/test";
import { taxedBy } from "#tests/support/sandbox-billing.ts";
import { advanceTo } from "#tests/support/sandbox-subscriptions.ts";
import { eventually } from "./fixtures.ts";
import { expectReadable } from "./reading.ts";
import { expect, has, test } from "./shop.ts";

/* Somebody who has a plan wants another one: what it costs comes first, and what is shown then is true. */

test.describe.configure({ mode: "default", timeout: 120_000 });

const ALWAYS_ASKS = "pm_card_authenticationRequired";
const FAILS = "pm_card_chargeCustomerFail";

function planOf(page: Page): Locator {
  return page.getByRole("region", { name: "Plan" });
}

/** From the billing page to the quote of another plan. */
async function choose(page: Page, plan: string): Promise<void> {
  await page.getByRole("link", { name: "Change plan" }).click();
  await page.getByRole("link", { name: `Choose ${plan}` }).click();
  await expect(page.getByRole("table")).toBeVisible();
}

test("upgrades now, for the amount on the button, with its tax", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const { page, subscription, base } = await has("pro", await arrives("Up"), { box, sql, listens });
  await box.stripe.subscriptions.update(subscription, { default_tax_rates: [await taxedBy(box)] });
  await expect(planOf(page)).toContainText("€29.00 a month");
  await expect(planOf(page)).toContainText("€29.00 on 1 June 2027");

  await choose(page, "Business");
  // What was paid without tax is given back without any.
  await expect(page.getByRole("row", { name: /^Tax/ })).toContainText("€10.40");
  await expect(page.getByRole("row", { name: /^Due today/ })).toContainText("€45.40");
  await expect(page.getByText("The next invoice is €119.79 on 1 June 2027.")).toBeVisible();
  await page.getByRole("button", { name: "Change plan and pay €45.40" }).click();

  await expect(page.getByRole("status")).toContainText("Plan updated, €45.40 charged today");
  await expect(planOf(page)).toContainText("Business");
  await expect(planOf(page)).toContainText("€99.00 a month");
  const { items } = await box.stripe.subscriptions.retrieve(subscription);
  expect(items.data[0]?.price.unit_amount).toBe(99_00);
  await page.goto(`${base}/invoices`);
  await page
    .getByRole("row", { name: /45\.40/ })
    .getByRole("link")
    .first()
    .click();
  await expect(page.getByRole("term").filter({ hasText: /^Tax$/ })).toBeVisible();
  await expect(page.getByRole("definition").filter({ hasText: "€10.40" })).toBeVisible();
});

test("downgrades at the renewal, and takes it back with one button", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const { page, subscription } = await has("business", await arrives("Down"), {
    box,
    sql,
    listens,
  });

  await choose(page, "Pro");
  await expect(page.getByText("Takes effect at the renewal")).toBeVisible();
  await expect(page.getByRole("row", { name: /^Due today/ })).toContainText("€0.00");
  await page.getByRole("button", { name: "Schedule change" }).click();

  await expect(page.getByRole("status")).toContainText("Change scheduled for 1 June 2027");
  await expect(planOf(page)).toContainText("Change to Pro on 1 June 2027, €29.00 a month");
  await expect(planOf(page)).toContainText("€29.00 on 1 June 2027");
  await expectReadable(page);

  await page.getByRole("button", { name: "Undo" }).click();

  await expect(page.getByRole("status")).toContainText("The planned change was given up");
  await expect(page.getByText("Change to Pro on 1 June 2027")).toHaveCount(0);
  expect((await box.stripe.subscriptions.retrieve(subscription)).schedule).toBeNull();
});

test("downgrades now instead, where the operator allows it, and is credited", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const { page } = await has("business", await arrives("Down now"), { box, sql, listens });
  await choose(page, "Pro");

  await page.getByRole("link", { name: "Change now instead" }).click();
  await expect(page.getByRole("row", { name: /^Credited for later invoices/ })).toContainText(
    "€35.00",
  );
  await page.getByRole("button", { name: "Change plan", exact: true }).click();

  await expect(page.getByRole("status")).toContainText("Plan updated, €35.00 credited");
});

test("adds seats for what the quote says", async ({ arrives, listens, box, sql }) => {
  await sql`update plans set is_per_seat = true where code = 'pro'`;
  const { page } = await has("pro", await arrives("Seats"), { box, sql, listens });

  await page.getByRole("link", { name: "Seats" }).click();
  await page.getByLabel("Number of seats").fill("3");
  await page.getByRole("button", { name: "Show plans for so many" }).click();
  await page.getByRole("link", { name: "Choose Pro" }).click();
  await page.getByRole("button", { name: "Change plan and pay €29.00" }).click();

  await expect(page.getByRole("status")).toContainText("Plan updated, €29.00 charged today");
  await expect(planOf(page)).toContainText("€29.00 a month for each seat");
  await expect(planOf(page)).toContainText("€87.00 on 1 June 2027");
  await sql`update plans set is_per_seat = false where code = 'pro'`;
});

test("says before anybody is invited that all seats are in use, and leads to more", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const alone = await arrives("Alone");
  await alone.page.goto(`${alone.base}/members`);
  await expect(alone.page.getByText("The only seat is in use.")).toBeVisible();
  await expectReadable(alone.page);
  await alone.page.getByRole("button", { name: "Invite member" }).click();
  const dialog = alone.page.getByRole("dialog");
  await expect(dialog.getByLabel("E-mail address")).toHaveCount(0);
  await expect(dialog.getByRole("link", { name: "See plans with more seats" })).toBeVisible();
  await expectReadable(alone.page, "[role=dialog]");

  await sql`update plans set is_per_seat = true where code = 'pro'`;
  const { page, base } = await has("pro", await arrives("By the seat"), { box, sql, listens });
  await page.goto(`${base}/members`);
  await page.getByRole("link", { name: "Take more seats" }).click();
  await expect(page.getByLabel("Number of seats")).toHaveValue("2");
  await sql`update plans set is_per_seat = false where code = 'pro'`;
});

test("goes from months to years", async ({ arrives, listens, box, sql }) => {
  const { page } = await has("pro", await arrives("Years"), { box, sql, listens });
  await page.getByRole("link", { name: "Change plan" }).click();

  await page.getByRole("link", { name: "Yearly" }).click();
  await page.getByRole("link", { name: "Choose Pro" }).click();
  await page.getByRole("button", { name: "Change plan and pay €275.50" }).click();

  await expect(page.getByRole("status")).toContainText("Plan updated, €275.50 charged today");
  await expect(planOf(page)).toContainText("€290.00 a year");
  await expect(planOf(page)).toContainText("€290.00 on 16 May 2028");
});

test("says why a card was declined, keeps the plan, and lets the change be given up", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await has("pro", await arrives("Declined"), { box, sql, listens, card: FAILS });
  const { page, subscription } = somebody;
  await choose(page, "Business");

  await page.getByRole("button", { name: /^Change plan and pay/ }).click();

  await expect(planOf(page)).toContainText(/declined\. Your plan is unchanged/);
  await expect(planOf(page)).toContainText("€29.00 a month");
  await expect(page.getByRole("link", { name: /^Pay with another card/ })).toHaveAttribute(
    "href",
    /^http/,
  );
  await expectReadable(page);

  await page.getByRole("button", { name: "Give the change up" }).click();

  await expect(page.getByRole("status")).toContainText("The change was given up");
  const now = await box.stripe.subscriptions.retrieve(subscription);
  expect(now.pending_update).toBeNull();
  expect(now.items.data[0]?.price.unit_amount).toBe(29_00);
});

test("pays with another card on the gateway's page after the first was declined", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await has("pro", await arrives("Other card"), {
    box,
    sql,
    listens,
    card: FAILS,
  });
  const { page } = somebody;
  await choose(page, "Business");
  await page.getByRole("button", { name: /^Change plan and pay/ }).click();

  const gateway = await gatewayPage(page);
  await gateway.getByText("A new card").click();
  await gateway.getByLabel("Card number").fill("4242424242424242");
  await gateway.getByLabel(/^Expir/).fill("12 / 40");
  await gateway.getByLabel(/^CVC|^Security/).fill("123");
  await gateway.getByRole("button", { name: /^Pay/ }).click();

  await eventually(page, async () => {
    await expect(planOf(page)).toContainText("€99.00 on 1 June 2027", { timeout: 500 });
  });
  await expect(page.getByRole("link", { name: /^Pay with another card/ })).toHaveCount(0);
});

for (const [answer, price] of [
  ["Approve", "€99.00 a month"],
  ["Refuse", "€29.00 a month"],
] as const) {
  test(`asks the bank, whose page says: ${answer}`, async ({ arrives, listens, box, sql }) => {
    const somebody = await has("pro", await arrives(answer), {
      box,
      sql,
      listens,
      card: ALWAYS_ASKS,
    });
    const { page } = somebody;
    await choose(page, "Business");
    await page.getByRole("button", { name: /^Change plan and pay/ }).click();
    await expect(planOf(page)).toContainText("Your bank wants you to confirm the payment");
    await expect(planOf(page)).toContainText("€29.00 a month");

    const gateway = await gatewayPage(page);
    await gateway.getByRole("button", { name: /^Pay/ }).click();
    await gateway.getByRole("button", { name: answer }).click();
    await expect(gateway.getByRole("button", { name: answer })).toHaveCount(0);

    await eventually(page, async () => {
      await expect(planOf(page)).toContainText(price, { timeout: 500 });
      await expect(
        page.getByRole("link", { name: /^(Confirm the payment|Pay with another card)/ }),
      ).toHaveCount(answer === "Approve" ? 0 : 1, { timeout: 500 });
    });
  });
}

/** The page of the gateway that the banner leads to, beside this one. */
async function gatewayPage(page: Page): Promise<Page> {
  const opened = page.waitForEvent("popup");
  await page.getByRole("link", { name: /^(Confirm the payment|Pay with another card)/ }).click();
  return opened;
}

test("says that a change lapsed which was not confirmed in time, and offers it anew", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await has("pro", await arrives("Late"), {
    box,
    sql,
    listens,
    card: ALWAYS_ASKS,
  });
  const { page, payer } = somebody;
  await choose(page, "Business");
  await page.getByRole("button", { name: /^Change plan and pay/ }).click();
  await expect(page.getByRole("link", { name: /^Confirm the payment/ })).toBeVisible();

  await advanceTo(box, payer, "2027-05-17T12:00:00Z");

  await eventually(page, async () => {
    await expect(planOf(page)).toContainText("was not paid in time, so it lapsed", {
      timeout: 500,
    });
  });
  await expect(page.getByText("Your bank wants you to confirm")).toHaveCount(0);
  await expectReadable(page);
  await page.getByRole("link", { name: "See what it costs now" }).click();
  await expect(page.getByRole("button", { name: /^Change plan and pay/ })).toBeVisible();
});

test("has one effect from two tabs, and the second one sees it", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await has("pro", await arrives("Two tabs"), { box, sql, listens });
  const { page, base, payer } = somebody;
  const other = await page.context().newPage();
  await choose(page, "Business");
  await other.goto(`${base}/billing`);
  await choose(other, "Business");

  await page.getByRole("button", { name: /^Change plan and pay/ }).click();
  await expect(page.getByRole("status")).toContainText("Plan updated, €35.00 charged today");
  await other.getByRole("button", { name: /^Change plan and pay/ }).click();

  await expect(other.getByRole("status")).toContainText("Plan updated, €35.00 charged today");
  const { data } = await box.stripe.invoices.list({ customer: payer.customer });
  expect(data.filter((each) => each.billing_reason === "subscription_update")).toHaveLength(1);
});

test("does nothing from a page that is out of date, and says so", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await has("pro", await arrives("Stale"), { box, sql, listens });
  const { page, base } = somebody;
  const other = await page.context().newPage();
  await other.goto(`${base}/billing`);
  await choose(other, "Business");
  await page.goto(`${base}/change?interval=year`);
  await page.getByRole("link", { name: "Choose Pro" }).click();
  await page.getByRole("button", { name: /^Change plan and pay/ }).click();
  await expect(page.getByRole("status")).toContainText("Plan updated");

  await other.getByRole("button", { name: /^Change plan and pay/ }).click();

  await expect(other.getByRole("alert").first()).toContainText(
    "Something changed since this page was opened, so nothing was done",
  );
});

test("shows an old quote anew, with a sentence why", async ({ arrives, listens, box, sql }) => {
  const somebody = await has("pro", await arrives("Old quote"), { box, sql, listens });
  const { page, organization, subscription } = somebody;
  await choose(page, "Business");
  await sql`update quotes set expires_at = now() where organization_id = ${organization.id}`;

  await page.getByRole("button", { name: /^Change plan and pay/ }).click();

  await expect(
    page.getByText(/older than a quarter of an hour, so nothing was done/),
  ).toBeVisible();
  const { items } = await box.stripe.subscriptions.retrieve(subscription);
  expect(items.data[0]?.price.unit_amount).toBe(29_00);
  await page.getByRole("button", { name: "Change plan and pay €35.00" }).click();
  await expect(page.getByRole("status")).toContainText("Plan updated, €35.00 charged today");
});

test("names what stands in the way before anything is sold", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await has("business", await arrives("Crowd"), { box, sql, listens });
  const { page, organization } = somebody;
  await sql`insert into users (id, email, name)
    select 'usr_crowd' || n || ${organization.slug.slice(-6)}, n || ${organization.slug} || '@example.com', 'Crowd'
    from generate_series(1, 11) n`;
  await sql`insert into members (organization_id, user_id, role)
    select ${organization.id}, id, 'member' from users
    where email like ${`%${organization.slug}@example.com`}`;

  await page.getByRole("link", { name: "Change plan" }).click();

  await expect(page.getByText("Pro has 10 seats, you use 12. Remove members first.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Choose Pro" })).toHaveCount(0);
  await expectReadable(page);
});

test("works without scripts", async ({ arrives, listens, box, sql, browser, shop }) => {
  const somebody = await has("pro", await arrives("No scripts"), { box, sql, listens });
  const storageState = await somebody.page.context().storageState();
  const context = await browser.newContext({
    baseURL: shop.url,
    storageState,
    javaScriptEnabled: false,
  });
  const page = await context.newPage();
  await page.goto(`${somebody.base}/billing`);

  await choose(page, "Business");
  await page.getByRole("link", { name: "Change at the renewal instead" }).click();
  await page.getByRole("button", { name: "Schedule change" }).click();
  await expect(page.getByRole("status")).toContainText("Change scheduled for 1 June 2027");
  await page.getByRole("button", { name: "Undo" }).click();

  await expect(page.getByRole("status")).toContainText("The planned change was given up");
  await context.close();
});
