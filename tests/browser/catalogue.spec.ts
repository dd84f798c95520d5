import { randomBytes } from "node:crypto";
import type { Locator, Page } from "@playwright/test";
import { eventually, expect } from "./fixtures.ts";
import { subscription } from "./objects.ts";
import { test } from "./office.ts";
import { customerOf } from "./seed.ts";

const PLANS = "/admin/plans";

test("makes a tier with a limit and a feature, and changes both", async ({ as, sql }) => {
  const page = await as("administrator");
  const { name, code, key } = named("Orchard");
  await page.goto(PLANS);
  await page.getByRole("link", { name: "New tier" }).click();
  await fillTier(page, { name, code });
  await fillEntitlement(page, 0, { key, name: "Apples a month", kind: "Limit", limit: "5000" });
  const press = { key: `${key}_press`, name: "Cider press", kind: "Feature" };
  await rowsOf(page, "Entitlements").nth(1).getByLabel("Limit").fill("plenty");
  await fillEntitlement(page, 1, press);
  await expect(rowsOf(page, "Entitlements").nth(1).getByLabel("Limit")).toBeHidden();
  await page.getByRole("button", { name: "Create tier" }).click();
  await expect(page).toHaveURL(PLANS);
  await expect(allowance(page, key)).toContainText("5,000");
  await expect(allowance(page, press.key)).toContainText("included");

  await page.getByRole("link", { name, exact: true }).click();
  await entitlement(page, key).getByLabel("Limit").fill("");
  await page.getByRole("button", { name: "Remove Cider press" }).click();
  await fillEntitlement(page, 2, { key: `a_${key}`, name: "Acorns", kind: "Limit", limit: "7" });
  await page.getByRole("button", { name: "Save tier" }).click();
  await expect(page.getByText(/^Tier saved/).first()).toBeVisible();
  // What is saved stands in another order: each row's button is still its own.
  await expect(entitlement(page, `a_${key}`).getByRole("button")).toHaveAccessibleName(
    "Remove Acorns",
  );

  await page.reload();
  await expect(entitlement(page, key).getByLabel("Limit")).toHaveValue("");
  await page.goto(PLANS);
  await expect(allowance(page, key)).toContainText("unlimited");
  const kept = await sql`
    select key, kind, limit_value from entitlements
    where tier_id = (select id from tiers where code = ${code}) order by key`;
  expect(kept.map(Object.values)).toEqual([
    [`a_${key}`, "limit", "7"],
    [key, "limit", null],
  ]);
});

test("says beside each field of a tier what is wrong with it, and loses nothing typed", async ({
  as,
}) => {
  const page = await as("administrator");
  const { name, code, key } = named("Hedge");
  await page.goto(`${PLANS}/tiers/new`);
  await fillTier(page, { name, code: "Not a code" });
  await page.getByLabel("Description").fill("Kept through every refusal.");
  await fillEntitlement(page, 1, { key: "No key", name: "Berries", kind: "Limit", limit: "lots" });
  await page.getByRole("button", { name: "Create tier" }).click();

  const row = rowsOf(page, "Entitlements").nth(1);
  await expectProblem(page.getByLabel("Code"), /a letter first/);
  await expectProblem(row.getByLabel("Key"), /a letter first/);
  await expectProblem(row.getByLabel("Limit"), /whole number/);
  await expect(page.getByLabel("Code")).toBeFocused();
  await expect(page.getByLabel("Description")).toHaveValue("Kept through every refusal.");
  await expect(row.getByLabel("Name")).toHaveValue("Berries");
  await expect(row.getByLabel("Limit")).toHaveValue("lots");

  await page.getByLabel("Code").fill("free");
  await row.getByLabel("Key").fill(key);
  await row.getByLabel("Limit").fill("3");
  await page.getByRole("button", { name: "Create tier" }).click();
  await expectProblem(page.getByLabel("Code"), /Free has this code already\./);

  await page.getByLabel("Code").fill(code);
  await page.getByRole("button", { name: "Create tier" }).click();
  await expect(page).toHaveURL(PLANS);
  await expect(allowance(page, key)).toContainText("3");
});

test("makes a plan, reprices it, takes it off sale and puts it back", async ({ as, stranger }) => {
  const page = await as("administrator");
  const customer = await stranger();
  const { name, code } = named("Meadow");
  await page.goto(PLANS);
  await page.getByRole("link", { name: "New plan" }).click();
  await fillPlan(page, { name, code, tier: "Pro" });
  await rowsOf(page, "Prices").nth(0).getByLabel("Amount").fill("19");
  await rowsOf(page, "Prices").nth(1).getByLabel("Amount").fill("190,00");
  await page.getByRole("button", { name: "Create plan" }).click();
  await expect(page).toHaveURL(PLANS);
  const row = page.getByRole("row").filter({ hasText: code });
  await expect(row).toContainText("€19.00 a month");
  await expect(row).toContainText("€190.00 a year");
  const offer = customer.getByRole("listitem").filter({ hasText: name });
  await customer.goto("/");
  await expect(offer).toContainText("€19");
  await customer.getByRole("link", { name: "Yearly" }).click();
  await expect(offer).toContainText("€190");

  await row.getByRole("link").click();
  await expect(page.getByText("Nobody subscribes to it.")).toBeVisible();
  await rowsOf(page, "Prices").nth(0).getByLabel("Amount").fill("21.50");
  await page.getByRole("button", { name: "Save plan" }).click();
  await expect(page.getByText("Plan saved.").first()).toBeVisible();
  await customer.goto("/");
  await expect(offer).toContainText("€21.50");

  await page.getByRole("button", { name: "Archive" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Archive plan" }).click();
  await expect(page.getByText("Archived", { exact: true })).toBeVisible();
  await customer.reload();
  await expect(customer.getByRole("heading", { name: "Plans and prices" })).toBeVisible();
  await expect(offer).toHaveCount(0);
  await page.getByRole("button", { name: "Put on sale again" }).click();
  await expect(page.getByText("On sale", { exact: true })).toBeVisible();
  await customer.reload();
  await expect(offer).toHaveCount(1);
});

test("asks who opened a plan before somebody else saved it, and saves over that only when told", async ({
  as,
  sql,
}) => {
  const [first, second] = [await as("administrator"), await as("administrator")];
  const { name, code } = named("Paddock");
  await first.goto(`${PLANS}/new`);
  await fillPlan(first, { name, code, tier: "Pro" });
  await rowsOf(first, "Prices").nth(0).getByLabel("Amount").fill("19");
  await first.getByRole("button", { name: "Create plan" }).click();
  await first.getByRole("link", { name, exact: true }).click();
  await expect(first.getByRole("button", { name: "Save plan" })).toBeVisible();
  await second.goto(first.url());
  await rowsOf(first, "Prices").nth(0).getByLabel("Amount").fill("25");
  await first.getByRole("button", { name: "Save plan" }).click();
  await expect(first.getByText("Plan saved.").first()).toBeVisible();

  await second.getByLabel("Name").fill(`${name} two`);
  await rowsOf(second, "Prices").nth(1).getByLabel("Amount").fill("190");
  await second.getByRole("button", { name: "Save plan" }).click();
  await expect(second.getByText(/Somebody changed this since you opened it/)).toBeVisible();
  await expectProblem(second.getByLabel("Name"), new RegExp(`It is “${name}” now\\.`));
  await expect(second.getByText("It is “€25.00 a month” now.")).toBeVisible();
  await second.getByRole("button", { name: "Save plan" }).click();
  await expect(second.getByText(/Somebody changed this since you opened it/)).toBeVisible();
  await expect(second.getByLabel("Name")).toHaveValue(`${name} two`);
  await expect(rowsOf(second, "Prices").nth(1).getByLabel("Amount")).toHaveValue("190");

  await second.getByLabel("Replace what is there now").check();
  await second.getByRole("button", { name: "Save plan" }).click();
  await expect(second.getByText("Plan saved.").first()).toBeVisible();
  await second.getByLabel("Description").fill("Theirs.");
  await second.getByRole("button", { name: "Save plan" }).click();
  const saved = () => sql`select name, description from plans where code = ${code}`;
  await expect.poll(saved).toEqual([{ name: `${name} two`, description: "Theirs." }]);
});

test("says beside each field of a plan what is wrong with it, and loses nothing typed", async ({
  as,
}) => {
  const page = await as("administrator");
  const { name } = named("Thicket");
  await page.goto(`${PLANS}/new`);
  await fillPlan(page, { name, code: "pro", tier: "Business" });
  const [first, second] = [rowsOf(page, "Prices").nth(0), rowsOf(page, "Prices").nth(1)];
  await first.getByLabel("Amount").fill("twenty");
  await second.getByLabel("Amount").fill("290");
  await page.getByRole("button", { name: "Create plan" }).click();
  await expectProblem(first.getByLabel("Amount"), /such as 29/);
  await expect(first.getByLabel("Amount")).toHaveValue("twenty");
  await expect(second.getByLabel("Amount")).toHaveValue("290");

  await first.getByLabel("Amount").fill("29");
  await first.getByLabel("Currency").fill("EU");
  await page.getByRole("button", { name: "Create plan" }).click();
  await expectProblem(first.getByLabel("Currency"), /three-letter/);

  await first.getByLabel("Currency").fill("EUR");
  await second.getByLabel("Period").selectOption("Monthly");
  await page.getByRole("button", { name: "Create plan" }).click();
  await expectProblem(second.getByLabel("Amount"), /one per currency and period/);

  await second.getByLabel("Period").selectOption("Yearly");
  await page.getByRole("button", { name: "Create plan" }).click();
  await expectProblem(page.getByLabel("Code"), /Pro has this code already\./);
  await expect(page.getByLabel("Name")).toHaveValue(name);
  await expect(page.getByLabel("Tier")).toHaveValue(/^tir_/);
  await expect(page.getByLabel("Tier").locator("option:checked")).toHaveText("Business");
  await expect(second.getByLabel("Amount")).toHaveValue("290");
});

test("gives whoever pays a gateway's price what its plan allows, once it is put into it", async ({
  as,
  stripe,
  newOrganization,
  deployment,
}) => {
  const page = await as("administrator");
  const organization = await newOrganization("Millers");
  const { name, code } = named("Granary");
  await page.goto(`${PLANS}/new`);
  await fillPlan(page, { name, code, tier: "Business" });
  await page.getByRole("button", { name: "Create plan" }).click();
  await expect(page).toHaveURL(PLANS);
  const ref = `price_${code}`;
  await stripe.tells("price.created", {
    id: ref,
    object: "price",
    active: true,
    billing_scheme: "per_unit",
    currency: "eur",
    lookup_key: `${code}_monthly`,
    product: "prod_granary",
    recurring: { interval: "month", interval_count: 1, usage_type: "licensed" },
    type: "recurring",
    unit_amount: 1900,
    livemode: false,
  });
  const it = customerOf(organization.id);
  await stripe.tells("customer.subscription.created", {
    ...subscription(it, ref, "active"),
    metadata: { organization_id: organization.id },
  });
  await page.getByRole("link", { name: /Gateway prices/ }).click();
  await expect(page).toHaveURL(`${PLANS}/prices`);
  const plan = page.getByLabel(`Plan of ${ref}`, { exact: true });
  await eventually(page, async () => {
    await expect(plan.locator("option:checked")).toHaveText(name, { timeout: 1_000 });
    await expect(
      page.getByText(`It is of ${name}, by its lookup key ${code}_monthly.`),
    ).toBeVisible({ timeout: 1_000 });
  });
  expect(await tierOf(deployment, organization.id)).toBe("free");

  await page.getByRole("button", { name: `Save the plan of ${ref}` }).click();
  await expect(page.getByText(/1 organization follows/).first()).toBeVisible();
  await expect.poll(() => tierOf(deployment, organization.id)).toBe("business");

  await page.reload();
  await plan.selectOption("In no plan");
  await page.getByRole("button", { name: `Save the plan of ${ref}` }).click();
  await expect(page.getByText(/The price is in no plan/).first()).toBeVisible();
});

/** Names that no other test and no run before has taken. */
function named(word: string) {
  const tag = randomBytes(3).toString("hex");
  const low = word.toLowerCase();
  return { name: `${word} ${tag}`, code: `${low}_${tag}`, key: `${low}_${tag}_units` };
}

async function fillTier(page: Page, { name, code }: { name: string; code: string }): Promise<void> {
  const called = page.getByRole("region", { name: "What it is called" });
  await called.getByLabel("Name").fill(name);
  await called.getByLabel("Code").fill(code);
}

async function fillPlan(
  page: Page,
  { name, code, tier }: { name: string; code: string; tier: string },
): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Code").fill(code);
  await page.getByLabel("Tier").selectOption(tier);
}

async function fillEntitlement(
  page: Page,
  nth: number,
  { key, name, kind, limit }: { key: string; name: string; kind: string; limit?: string },
): Promise<void> {
  const row = rowsOf(page, "Entitlements").nth(nth);
  await row.getByLabel("Key").fill(key);
  await row.getByLabel("Name").fill(name);
  await row.getByLabel("Kind").selectOption(kind);
  if (limit !== undefined) await row.getByLabel("Limit").fill(limit);
}

function rowsOf(page: Page, section: string): Locator {
  return page.getByRole("region", { name: section }).getByRole("listitem");
}

/** The row of a tier's form that has this key now. */
function entitlement(page: Page, key: string): Locator {
  return rowsOf(page, "Entitlements").filter({ has: page.locator(`input[value="${key}"]`) });
}

/** The row of the matrix of all tiers about this key. */
function allowance(page: Page, key: string): Locator {
  const code = page.getByText(key, { exact: true });
  return page.getByRole("row").filter({ has: code });
}

async function expectProblem(field: Locator, sentence: RegExp): Promise<void> {
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await expect(field).toHaveAccessibleDescription(sentence);
}

async function tierOf(at: { url: string; apiKey: string }, organization: string): Promise<string> {
  const answer = await fetch(`${at.url}/api/v1/organizations/${organization}/entitlements`, {
    headers: { authorization: `Bearer ${at.apiKey}` },
  });
  const { tier }: { tier: { code: string } } = await answer.json();
  return tier.code;
}
