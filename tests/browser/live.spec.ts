import { randomBytes } from "node:crypto";
import type { Page } from "@playwright/test";
import { customer, price } from "#tests/support/stripe-objects.ts";
import { type StripeStub, startStripeStub } from "#tests/support/stripe-stub.ts";
import { eventually, expect, openEvent } from "./fixtures.ts";
import { subscription } from "./objects.ts";
import { test as inOffice, openOffice } from "./office.ts";
import { customerOf } from "./seed.ts";

/* A deployment that earns money: live data moves its tiers, and test data beside it does not. */

const test = inOffice.extend<object, { atStripe: StripeStub }>({
  atStripe: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what is needed from the pattern.
    async ({}, use) => {
      const stub = await startStripeStub({ account: "acct_nimbus" });
      await use(stub);
      await stub.stop();
    },
    { scope: "worker" },
  ],
  office: [
    async ({ atStripe }, use) => {
      const { close, ...office } = await openOffice({
        BILLHOOK_MODE: "live",
        STRIPE_API_BASE: atStripe.url,
      });
      await use(office);
      await close();
    },
    { scope: "worker", timeout: 90_000 },
  ],
});

const SETTINGS = "/admin/settings/gateways/stripe";

test("keeps a live key once Stripe said whose it is, and no key of the other kind", async ({
  as,
}) => {
  const page = await as("administrator");
  const key = `sk_live_${randomBytes(16).toString("hex")}`;
  await page.goto(SETTINGS);
  const live = page.getByRole("region", { name: "Live mode", exact: true });
  await live.getByRole("button", { name: "Add live key" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a live API key" });
  const field = dialog.getByLabel(/^Secret or restricted key/);
  for (const [wrong, why] of [
    [key.replace("live", "test"), /key for test mode/],
    [`whsec_${key}`, /signing secret/i],
    [key.replace("sk_", "pk_"), /publishable/i],
  ] as const) {
    await field.fill(wrong);
    await dialog.getByRole("button", { name: "Check and save key" }).click();
    await expect(field).toHaveAccessibleDescription(why);
  }

  await field.fill(` ${key} `);
  await dialog.getByRole("button", { name: "Check and save key" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(live.getByText("acct_nimbus").first()).toBeVisible();
  await expect(live.getByText("Stored here, sealed")).toBeVisible();
  await page.reload();
  await expect(live.getByText(key.slice(-4)).first()).toBeVisible();
  expect(await page.content()).not.toContain(key);

  await live.getByRole("button", { name: "Remove live API key" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove key" }).click();
  await expect(live.getByRole("button", { name: "Add live key" })).toBeVisible();
});

test("moves the tier by what a live secret proved, and shows it under live alone", async ({
  as,
  stripe,
  atStripe,
  newOrganization,
  sql,
}) => {
  const organization = await newOrganization("Earner");
  const it = customerOf(organization.id);
  const [plan] = await sql`select id from plans where code = 'pro'`;
  const ref = `price_${it.tag}`;
  await sql`insert into gateway_prices (gateway, mode, ref, plan_id)
    values ('stripe', 'live', ${ref}, ${plan?.id})`;
  const told = {
    ...subscription(it, ref, "active"),
    livemode: true,
    metadata: { organization_id: organization.id },
  };
  // Asked for where a key is there; else what was told is believed.
  atStripe.set(
    { ...told, id: it.subscription, object: "subscription" },
    customer({ id: it.customer, livemode: true }),
    price({ id: ref, livemode: true }),
  );
  const page = await as("administrator");
  const secret = await addLiveSecret(page);

  const id = await stripe.tells("customer.subscription.created", told, { secret, live: true });

  await page.goto(`/admin/organizations/${organization.id}`);
  await eventually(page, async () => {
    await expect(page.getByText("Free → Pro").first()).toBeVisible({ timeout: 1_000 });
  });
  const [stored] = await sql`select mode from webhook_events where event_ref = ${id}`;
  expect(stored?.mode).toBe("live");
  await page.goto(`/admin/webhooks?q=${id}`);
  await expect(page.getByRole("row").filter({ hasText: id })).toContainText("Processed");
  await show(page, "Test");
  await expect(page.getByRole("row").filter({ hasText: id })).toHaveCount(0);
  await show(page, "Live");
  await expect(page.getByRole("row").filter({ hasText: id })).toBeVisible();
});

test("records test data beside it, which moves no tier", async ({
  as,
  stripe,
  newOrganization,
  sql,
}) => {
  const organization = await newOrganization("Rehearsal");
  const it = customerOf(organization.id);
  const id = await stripe.tells("customer.subscription.created", {
    ...subscription(it, "price_demo_pro_monthly", "active"),
    metadata: { organization_id: organization.id },
  });
  const page = await as("administrator");
  await page.goto("/admin/webhooks");
  await show(page, "Test");
  await openEvent(page, id);
  await eventually(page, async () => {
    await expect(page.getByText("This is what it changed.")).toBeVisible({ timeout: 1_000 });
  });
  const [row] = await sql`select t.code, s.mode, s.status from organizations o
    join tiers t on t.id = o.tier_id join subscriptions s on s.organization_id = o.id
    where o.id = ${organization.id}`;
  expect(row).toMatchObject({ code: "free", mode: "test", status: "active" });
});

test("refuses a test event that a live secret signed, and says which of the two is wrong", async ({
  as,
  stripe,
}) => {
  const page = await as("administrator");
  const secret = await addLiveSecret(page);
  const told = subscription(customerOf(""), "price_demo_pro_monthly", "active");
  await stripe.isRefused("customer.subscription.updated", told, secret);

  await page.goto("/admin/webhooks?verdict=refused");
  await eventually(page, async () => {
    const row = page.getByRole("row").filter({ hasText: "Mode contradicts secret" });
    await row.first().getByRole("link").first().click({ timeout: 1_000 });
  });
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Mode contradicts secret");
  await expect(
    page.getByText(/The live secret matches, but the event says.*test mode/),
  ).toBeVisible();
  await expect(page.getByText(/add it as a test secret/)).toBeVisible();
  await expect(page.getByRole("group", { name: "Body" })).toContainText(told.id);
});

async function show(page: Page, mode: "Test" | "Live"): Promise<void> {
  const button = page.getByRole("button", { name: mode, exact: true });
  await button.click();
  await expect(button).toHaveAttribute("aria-pressed", "true");
}

async function addLiveSecret(page: Page): Promise<string> {
  const secret = `whsec_${randomBytes(24).toString("hex")}`;
  await page.goto(SETTINGS);
  await page.getByRole("button", { name: "Add live secret" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a live signing secret" });
  await dialog.getByLabel("Signing secret").fill(secret);
  await dialog.getByRole("button", { name: "Add secret" }).click();
  await expect(page.getByText(/verifies from now on/).first()).toBeVisible();
  return secret;
}
