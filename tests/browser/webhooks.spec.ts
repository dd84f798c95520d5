import type { Organization } from "./deployments.ts";
import { eventually, expect, openEvent, type Stripe, test } from "./fixtures.ts";
import { invoice, subscription } from "./objects.ts";
import { customerOf } from "./seed.ts";
import { becomesCustomer, PRO } from "./stories.ts";

const LOG = "/admin/webhooks";

test("lists events newest first, and a repeat as one row with its deliveries", async ({
  as,
  stripe,
  newOrganization,
}) => {
  const told = await liveOfACustomer(stripe, await newOrganization("Initech"));
  const page = await as("administrator");

  await page.goto(`${LOG}?q=${told.customer}`);

  const rows = page.getByRole("table", { name: /newest first/ }).getByRole("row");
  await eventually(page, async () => {
    await expect(rows).toHaveCount(5, { timeout: 1_000 });
  });
  await expect(rows.nth(1)).toContainText(told.upgraded);
  await expect(rows.nth(2)).toContainText(told.paid);
  await expect(rows.nth(2)).toContainText("Delivered 2 times");
  await expect(rows.nth(3)).toContainText(told.active);
  await expect(rows.nth(4)).toContainText(told.checkout);
});

test("keeps its filters in the address", async ({ as, stripe, newOrganization }) => {
  const organization = await newOrganization("Filterware");
  const told = await liveOfACustomer(stripe, organization);
  const page = await as("administrator");
  await page.goto(LOG);

  await page.getByLabel("Type").fill("invoice.paid");
  await page.getByLabel("Organization", { exact: true }).fill(organization.name);
  await page.getByRole("button", { name: "Filter" }).click();

  await expect(page).toHaveURL(/type=invoice\.paid/);
  await expect(page).toHaveURL(/organization=Filterware/);
  const rows = page.getByRole("table", { name: /newest first/ }).getByRole("row");
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText(told.paid);
  await page.reload();
  await expect(page.getByLabel("Type")).toHaveValue("invoice.paid");
  await expect(rows).toHaveCount(2);
});

test("finds an event by the gateway's id, and an object with its history", async ({
  as,
  stripe,
  newOrganization,
}) => {
  const told = await liveOfACustomer(stripe, await newOrganization("Searchable"));
  const page = await as("administrator");
  await page.goto("/admin");
  const search = page.getByRole("searchbox", { name: /Search/ }).first();

  await search.fill(told.upgraded);
  await search.press("Enter");
  await expect(page.getByText(told.upgraded).first()).toBeVisible();
  await expect(page.getByText("customer.subscription.updated").first()).toBeVisible();

  await search.fill(told.subscription);
  await search.press("Enter");
  await expect(page.getByText(told.subscription).first()).toBeVisible();
});

test("tells before and after of what an event changed, with its proof and its payload", async ({
  as,
  stripe,
  newOrganization,
  seeded,
}) => {
  const organization = await newOrganization("Explained");
  const { it } = await becomesCustomer(stripe, organization);
  const page = await as("administrator");
  await page.goto(`/admin/organizations/${organization.id}`);
  await eventually(page, async () => {
    await expect(page.getByText("Free → Pro").first()).toBeVisible({ timeout: 1_000 });
  });
  const upgraded = await upgrades(stripe, it);
  await eventually(page, async () => {
    await expect(page.getByText("Pro → Business").first()).toBeVisible({ timeout: 1_000 });
  });
  await openEvent(page, upgraded);

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("customer.subscription.updated");
  await expect(page.getByText(/before: Pro/).first()).toBeAttached();
  await expect(page.getByText(/after: Business/).first()).toBeAttached();
  await expect(page.getByText(/^Genuine: signed with “Demo”/)).toBeVisible();
  await expect(page.getByRole("group", { name: "Payload" })).toContainText(it.subscription);
  await expect(page.getByText("stripe-signature:")).toBeVisible();
  expect(await page.content()).not.toContain(seeded.secret);
});

test("hands out the payload byte for byte", async ({ as, stripe, newOrganization }) => {
  const told = await liveOfACustomer(stripe, await newOrganization("Bytes"));
  const page = await as("administrator");
  await openEvent(page, told.paid);

  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  const file = await downloading;

  expect(file.suggestedFilename()).toBe(`${told.paid}.json`);
});

test("says that a replay changes nothing which is true already", async ({
  as,
  stripe,
  newOrganization,
}) => {
  const told = await liveOfACustomer(stripe, await newOrganization("Again"));
  const page = await as("administrator");
  await openEvent(page, told.upgraded);
  await eventually(page, async () => {
    await expect(page.getByText("This is what it changed.")).toBeVisible({ timeout: 1_000 });
  });

  await page.getByRole("button", { name: "What would change now" }).click();
  await expect(page.getByText("This was a rehearsal; nothing was changed.")).toBeVisible();
  await page.getByRole("button", { name: "Replay" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Replay" }).click();

  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByText(/nothing|already true/i).first()).toBeVisible();
});

test("shows a refused request with its diagnosis and what to do", async ({ as, stripe }) => {
  const subject = subscription(customerOf(""), PRO, "active");
  await stripe.isRefused("customer.subscription.updated", subject, "whsec_of_nobody_00000000000");
  const page = await as("administrator");
  await page.goto(LOG);

  await page.getByRole("link", { name: "Refused" }).click();
  await expect(page).toHaveURL(/verdict=refused/);
  await expect(async () => {
    await page.reload();
    await page
      .getByRole("row")
      .filter({ hasText: "Signature does not match" })
      .first()
      .getByRole("link")
      .click({ timeout: 2_000 });
  }).toPass();

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Signature does not match");
  await expect(page.getByText(/As soon as the right secret is here/)).toBeVisible();
  await expect(page.getByRole("link", { name: "Open the gateway’s settings" })).toBeVisible();
  await expect(page.getByRole("group", { name: "Body" })).toContainText("subscription");
});

test("announces new events without moving what is read", async ({ as, stripe }) => {
  const page = await as("administrator");
  await page.goto(LOG);
  const first = page
    .getByRole("table", { name: /newest first/ })
    .getByRole("row")
    .nth(1);
  const before = await first.textContent();
  const subject = subscription(customerOf(""), PRO, "active");

  const id = await stripe.tells("customer.subscription.updated", subject);

  const button = page.getByRole("button", { name: /^Show \d+ new events?$/ });
  await expect(button).toBeVisible({ timeout: 15_000 });
  expect((await first.textContent())?.slice(0, 40)).toBe(before?.slice(0, 40));
  await button.click();
  await expect(page.getByText(id)).toBeVisible();
});

test("moves along the rows with j and k, and opens one with Enter", async ({ as }) => {
  const page = await as("administrator");
  await page.goto(LOG);
  const links = page
    .getByRole("table", { name: /newest first/ })
    .getByRole("row")
    .getByRole("link");
  await expect(links.first()).toBeVisible();

  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await expect(page.locator("[data-row-link]").first()).toBeFocused();
  await page.keyboard.press("Enter");

  await expect(page).toHaveURL(/\/admin\/webhooks\/gev_/);
});

/** Paid, active, and a day later upgraded; the invoice is told twice. */
async function liveOfACustomer(stripe: Stripe, organization: Organization) {
  const { it, checkout, active } = await becomesCustomer(stripe, organization);
  const paid = await stripe.tells("invoice.paid", invoice(it, 1, 2900, "paid"), { times: 2 });
  return { ...it, checkout, active, paid, upgraded: await upgrades(stripe, it) };
}

function upgrades(stripe: Stripe, it: ReturnType<typeof customerOf>): Promise<string> {
  const told = subscription(it, "price_demo_business_monthly", "active");
  const at = Math.floor(Date.now() / 1_000) + 60;
  return stripe.tells("customer.subscription.updated", told, { at });
}
