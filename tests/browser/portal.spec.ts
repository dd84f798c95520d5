import { eventually, expect, test } from "./fixtures.ts";
import { subscription } from "./objects.ts";
import { becomesCustomer } from "./stories.ts";

test("shows the owner plan, renewal, allowances, invoices and the cause of each change", async ({
  as,
}) => {
  const page = await as("owner");

  await page.goto("/portal");

  await expect(page).toHaveURL("/portal/acme/billing");
  const plan = page.getByRole("region", { name: "Plan" });
  await expect(plan).toContainText("Pro");
  await expect(plan).toContainText("Active");
  await expect(plan.getByText(/renews on \d{1,2} \w+ 20\d\d/)).toBeVisible();
  const allowed = page.getByRole("region", { name: "What Pro allows" });
  await expect(allowed.getByText("Priority support")).toBeVisible();
  await expect(allowed.getByText("Projects")).toBeVisible();
  const history = page.getByRole("region", { name: "History" });
  await expect(history).toContainText("Free → Pro");
  await expect(history).toContainText(/Your subscription/);
  await expect(page.getByText(/sub_|evt_|sync/)).toHaveCount(0);
});

test("opens an invoice with its lines, total, PDF, and what was taken back of it", async ({
  as,
}) => {
  const page = await as("owner");
  await page.goto("/portal/acme/billing");
  await page.getByRole("link", { name: "Invoices" }).first().click();
  await expect(page).toHaveURL("/portal/acme/invoices");

  await page
    .getByRole("link", { name: /^DEMO-/ })
    .first()
    .click();

  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Invoice DEMO-/);
  await expect(page.getByText("€29.00").first()).toBeVisible();
  const pdf = page.getByRole("link", { name: "Download PDF", exact: true });
  await expect(pdf).toHaveAttribute("href", /^https:/);
  const taken = page.getByRole("region", { name: "Credit notes" });
  await expect(taken).toContainText(/DEMO-\w+-0001-CN-01.*€1\.00/);
  await expect(taken).toContainText(
    "You were not satisfied. We were down for a day. €1.00 went back",
  );
  await expect(taken.getByRole("row", { name: /A day of downtime/ })).toContainText("€1.00");
  await expect(taken.getByRole("link", { name: /^Download PDF of DEMO-/ })).toHaveAttribute(
    "href",
    /credit-note\.pdf$/,
  );
});

test("says what is past due, why, how long the tier stays, and where to pay", async ({ as }) => {
  const page = await as("other owner");

  await page.goto("/portal/globex/billing");

  await expect(page.getByText(/^Past due since/)).toBeVisible();
  await expect(page.getByText(/insufficient funds|last payment failed/i).first()).toBeVisible();
  await expect(page.getByText(/You keep Pro until/)).toBeVisible();
  await expect(page.getByRole("link", { name: /Pay now/ })).toHaveAttribute("href", /^https:/);
});

test("follows what the gateway tells: an end that is planned, and the end", async ({
  as,
  stripe,
  newOrganization,
}) => {
  const organization = await newOrganization("Endings");
  const { it } = await becomesCustomer(stripe, organization);
  const now = Math.floor(Date.now() / 1_000);
  const ended = { status: "canceled", canceled_at: now, ended_at: now };
  const page = await as("administrator");
  await page.goto(`/admin/organizations/${organization.id}`);
  const history = page.getByRole("region", { name: "Changes of tier" });
  await eventually(page, async () => {
    await expect(history).toContainText("Free → Pro", { timeout: 1_000 });
  });

  await stripe.tells(
    "customer.subscription.deleted",
    subscription(it, "price_demo_pro_monthly", "canceled", ended),
    { at: now + 5, times: 2 },
  );

  await eventually(page, async () => {
    await expect(history).toContainText("Pro → Free", { timeout: 1_000 });
  });
  await expect(history.getByText("Pro → Free")).toHaveCount(1);
});

test("shows a member the plan, and none of the money", async ({ as }) => {
  const page = await as("member");

  await page.goto("/portal/acme/billing");

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Plan");
  await expect(page.getByRole("region", { name: "Plan" })).toContainText("Pro");
  await expect(page.getByText("€")).toHaveCount(0);
  await expect(page.getByRole("region", { name: "Invoices" })).toHaveCount(0);
});

test.describe("what is not theirs", () => {
  test.use({ excused: /status of 404/ });

  test("does not exist for an owner of another organization", async ({ as, seeded }) => {
    const page = await as("owner");
    const { globex, umbrella } = seeded.organizations;

    for (const path of [
      "/portal/globex/billing",
      `/portal/${globex.id}/billing`,
      "/portal/globex/members",
      `/portal/acme/invoices/${seeded.samples.invoice}`,
      `/portal/${umbrella.slug}/invoices/${seeded.samples.invoice}`,
      "/portal/nobody/billing",
      "/admin",
    ]) {
      const answer = await page.goto(path);
      expect(answer?.status(), path).toBe(404);
      await expect(page.getByText(/Globex|Umbrella/)).toHaveCount(0);
    }
    await expect(page.getByRole("link").first()).toBeVisible();
  });
});
