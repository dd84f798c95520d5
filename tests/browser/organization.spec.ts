import type { Page } from "@playwright/test";
import type { Sql } from "#db/client.ts";
import type { Organization, Running } from "./deployments.ts";
import { eventually, expect } from "./fixtures.ts";
import { invoice, subscription } from "./objects.ts";
import { test } from "./office.ts";
import { becomesCustomer, PRO } from "./stories.ts";

/* What an owner reads about an organization in each state of its life. */

const now = () => Math.floor(Date.now() / 1_000);

test("tells who never paid what they may use for free", async ({
  as,
  office,
  sql,
  newOrganization,
}) => {
  const organization = await newOrganization("Frugal");
  const page = await openAsOwner(await as("owner"), { organization, office, sql });

  await expect(plan(page)).toContainText("Free");
  await expect(plan(page)).toContainText(
    "There is no subscription. You can use what Free allows for as long as you like.",
  );
  await expect(page.getByRole("region", { name: "What Free allows" })).toBeVisible();
  await expect(page.getByRole("region", { name: "History" })).toContainText(
    "Nothing has changed yet",
  );
  await expect(page.getByRole("link", { name: "Pay now" })).toHaveCount(0);
});

test("tells who pays when it renews, and once it is cancelled until when it lasts", async ({
  as,
  office,
  sql,
  stripe,
  newOrganization,
}) => {
  const organization = await newOrganization("Leaving");
  const { it } = await becomesCustomer(stripe, organization);
  const page = await openAsOwner(await as("owner"), { organization, office, sql });
  await says(page, /is active and renews on \d/);
  await expect(plan(page)).toContainText("Active");

  const end = now() + 20 * 86_400;
  await stripe.tells(
    "customer.subscription.updated",
    subscription(it, PRO, "active", {
      cancel_at: end,
      cancel_at_period_end: true,
      canceled_at: now(),
    }),
    { at: now() + 2 },
  );
  await says(page, `Ends on ${dayOf(end)}`);
  await expect(plan(page)).toContainText("nothing more is charged");
  await expect(plan(page)).not.toContainText("renews");

  await stripe.tells(
    "customer.subscription.deleted",
    subscription(it, PRO, "canceled", { canceled_at: now(), ended_at: now() }),
    { at: now() + 4 },
  );
  await says(page, /Your last subscription ended on/);
  await expect(plan(page)).toContainText("Free");
  await expect(page.getByRole("region", { name: "What Free allows" })).toBeVisible();
  // A page is read in several looks, and this one may have begun before the end was known.
  await eventually(page, async () => {
    const history = page.getByRole("region", { name: "History" });
    await expect(history).toContainText("Pro → Free", { timeout: 1_000 });
  });
});

test("tells who is past due why, until when the tier stays and where to pay, and then no more", async ({
  as,
  office,
  sql,
  stripe,
  newOrganization,
}) => {
  const organization = await newOrganization("Behind");
  const { it } = await becomesCustomer(stripe, organization);
  await stripe.tells("invoice.payment_failed", invoice(it, 2, 2900, "open"));
  await stripe.tells("customer.subscription.updated", subscription(it, PRO, "past_due"), {
    at: now() + 1,
  });
  const page = await openAsOwner(await as("owner"), { organization, office, sql });
  await says(page, /Past due since/);
  await says(page, /You keep Pro until \d/);
  await expect(page.getByRole("link", { name: "Pay now" })).toHaveAttribute("href", /^https:/);

  await stripe.tells("invoice.paid", invoice(it, 2, 2900, "paid"), { at: now() + 2 });
  await stripe.tells("customer.subscription.updated", subscription(it, PRO, "active"), {
    at: now() + 3,
  });
  await says(page, /is active and renews/);
  await expect(page.getByRole("link", { name: "Pay now" })).toHaveCount(0);
  await expect(page.getByText(/Past due/)).toHaveCount(0);
});

type There = { organization: Organization; office: Running; sql: Sql };

async function openAsOwner(page: Page, { organization, office, sql }: There): Promise<Page> {
  await sql`insert into members (organization_id, user_id, role)
    values (${organization.id}, ${office.people.owner.id}, 'owner')`;
  await page.goto(`/portal/${organization.slug}/billing`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Billing");
  return page;
}

function plan(page: Page) {
  return page.getByRole("region", { name: "Plan", exact: true });
}

async function says(page: Page, sentence: string | RegExp): Promise<void> {
  await eventually(page, () => expect(plan(page)).toContainText(sentence, { timeout: 1_000 }));
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1_000).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
}
