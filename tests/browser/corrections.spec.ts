import { connect, type Sql } from "#db/client.ts";
import { deployments } from "./deployments.ts";
import { eventually, expect, openEvent, test } from "./fixtures.ts";
import { checkout } from "./objects.ts";
import { becomesCustomer } from "./stories.ts";

/* What an administrator puts right by hand: each asks first, and each can be taken back or seen. */

let sql: Sql;

test.beforeAll(() => {
  const url = deployments().seeded.environment.DATABASE_URL ?? "";
  sql = connect(url, { max: 1, name: "corrections" });
});

test.afterAll(async () => {
  await sql.end();
});

test("unlinks a customer for a reason, which takes the tier, and links it again", async ({
  as,
  stripe,
  newOrganization,
}) => {
  const organization = await newOrganization("Mistaken");
  const { it } = await becomesCustomer(stripe, organization);
  const page = await as("administrator");
  const history = page.getByRole("region", { name: "Changes of tier" });
  await onTier("pro", organization);
  await page.goto(`/admin/organizations/${organization.id}`);
  await page.getByRole("region", { name: "Customers" }).getByRole("link").first().click();
  await expect(page.getByText("Linked", { exact: true })).toBeVisible();
  const customer = page.url();
  await page.getByRole("button", { name: "Unlink" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(`${organization.name} loses`);
  await dialog.getByRole("button", { name: "Keep as it is" }).click();
  await expect(dialog).toHaveCount(0);
  await page.getByRole("button", { name: "Unlink" }).click();
  await dialog.getByLabel("Reason").fill("  ");
  await dialog.getByRole("button", { name: "Unlink customer" }).click();
  await expect(dialog.getByLabel("Reason")).toHaveAttribute("aria-invalid", "true");
  await dialog.getByLabel("Reason").fill(`Wrong company, see ${it.tag}`);
  await dialog.getByRole("button", { name: "Unlink customer" }).click();
  await expect(page.getByText("Unmatched", { exact: true })).toBeVisible();
  await eventually(page, async () => {
    const waits = page.getByRole("region", { name: "What waits" });
    await expect(waits).toContainText(it.subscription, { timeout: 1_000 });
  });
  await page.goto(`/admin/organizations/${organization.id}`);
  await expect(history).toContainText("Pro → Free");
  await page.goto("/admin/audit");
  await expect(page.getByText(`Wrong company, see ${it.tag}`).first()).toBeVisible();

  await page.goto(`${customer}?q=${encodeURIComponent(organization.name)}`);
  await page.getByRole("button", { name: `Link to ${organization.name}` }).click();
  await dialog.getByRole("button", { name: "Link customer" }).click();
  await expect(page.getByText("Linked", { exact: true })).toBeVisible();
  await onTier("pro", organization);
  await page.goto(`/admin/organizations/${organization.id}`);
  await expect(history.getByText("Free → Pro")).toHaveCount(2);
});

test("keeps a customer with its first organization, and puts a contradicting claim away", async ({
  as,
  stripe,
  newOrganization,
}) => {
  const [first, second] = [await newOrganization("Rightful"), await newOrganization("Claimant")];
  const { it } = await becomesCustomer(stripe, first);
  const page = await as("administrator");
  await onTier("pro", first);
  const claim = { ...checkout({ ...it, organizationId: second.id }), id: `cs_test_${it.tag}_b` };
  await stripe.tells("checkout.session.completed", claim);

  const open = async () => {
    const rows = await sql`select id from link_conflicts
      where claimed_organization_id = ${second.id} and dismissed_at is null`;
    return rows.length;
  };
  await expect.poll(open, { timeout: 20_000, intervals: [50] }).toBe(1);
  await page.goto("/admin/customers");
  const conflict = page.getByRole("listitem").filter({ hasText: second.name });
  await expect(conflict).toContainText(`belongs to ${first.name}`);
  await conflict.getByRole("button", { name: "Dismiss" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(`The customer stays with ${first.name}`);
  await dialog.getByRole("button", { name: "Dismiss" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(conflict).toHaveCount(0);

  expect(await open()).toBe(0);
  const [row] = await sql`select organization_id from customers where ref = ${it.customer}`;
  expect(row).toEqual({ organization_id: first.id });
  await page.goto(`/admin/organizations/${second.id}`);
  await expect(page.getByText("Its tier has never changed")).toBeVisible();
});

test("takes a parked object back to work", async ({ as, stripe, newOrganization }) => {
  const organization = await newOrganization("Stuck");
  const { it } = await becomesCustomer(stripe, organization);
  const page = await as("administrator");
  await onTier("pro", organization);
  // As five failures in a row leave it, which take minutes.
  await sql`update gateway_objects set parked_at = now(), attempts = 5, rung = rung + 1,
    last_error = 'A translation broke.' where ref = ${it.subscription}`;

  await page.goto("/admin/objects");
  await page.getByRole("row").filter({ hasText: it.subscription }).getByRole("link").click();
  await expect(page.getByText("It failed too often and was put aside")).toBeVisible();
  await expect(page.getByText(/A translation broke\. Mend the cause/)).toBeVisible();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();

  await expect(page.getByText("Up to date", { exact: true })).toBeVisible();
  await expect(page.getByText("Parked", { exact: true })).toHaveCount(0);
  const [row] = await sql`select parked_at, attempts, rung = synced_rung as answered
    from gateway_objects where ref = ${it.subscription}`;
  expect(row).toEqual({ parked_at: null, attempts: 0, answered: true });
  await page.goto("/admin/objects");
  await expect(page.getByRole("row").filter({ hasText: it.subscription })).toHaveCount(0);
});

test("mends by a replay what is no longer as the event said, after a rehearsal", async ({
  as,
  stripe,
  newOrganization,
}) => {
  const organization = await newOrganization("Drifted");
  const { it, active } = await becomesCustomer(stripe, organization);
  const page = await as("administrator");
  await onTier("pro", organization);
  await openEvent(page, active);
  await sql`update subscriptions set status = 'unpaid' where ref = ${it.subscription}`;
  const status = async () => {
    const [row] = await sql`select status from subscriptions where ref = ${it.subscription}`;
    return row?.status;
  };

  await page.getByRole("button", { name: "What would change now" }).click();
  await expect(page.getByText("This was a rehearsal; nothing was changed.")).toBeVisible();
  await expect(page.getByText(/before: unpaid/).first()).toBeAttached();
  expect(await status()).toBe("unpaid");

  await page.getByRole("button", { name: "Replay" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Replay" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect.poll(status).toBe("active");
});

/** Until the worker has given an organization its tier. */
async function onTier(code: string, { id }: { id: string }): Promise<void> {
  const tier = async () => {
    const [row] = await sql`select t.code from organizations o join tiers t on t.id = o.tier_id
      where o.id = ${id}`;
    return row?.code;
  };
  await expect.poll(tier, { timeout: 20_000, intervals: [50] }).toBe(code);
}
