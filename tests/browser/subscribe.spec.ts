import type { Page } from "@playwright/test";
import { expectReadable, PHONE, widthOf } from "./reading.ts";
import { expect, type Newcomer, payWith, test } from "./shop.ts";

/* Somebody new subscribes: from the prices to the plan, whatever happens on the way. */

const GOOD = "4242424242424242";
const DECLINED = "4000000000000002";
const ASKS_EVERY_TIME = "4000002760003184";

test.describe.configure({ mode: "default", timeout: 120_000 });

async function choosePro({ page, base }: Newcomer): Promise<void> {
  await page.goto(`${base}/subscribe`);
  await page.getByRole("link", { name: "Choose Pro" }).click();
  await expect(page.getByText("€29.00 a month").first()).toBeVisible();
}

async function toPayment(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Continue to payment" }).click();
  await expect(page.getByRole("button", { name: "Subscribe" })).toBeVisible();
}

async function expectPro({ page, base }: Newcomer): Promise<void> {
  await expect(page).toHaveURL(new RegExp(`${base}/checkout/cmd_\\w+$`));
  await expect(page.getByText("You have Pro")).toBeVisible();
}

test("comes from the prices through signing in to the plan, paid with a good card", async ({
  arrives,
  stranger,
  box,
}) => {
  const { person, organization, base } = await arrives("From the prices");
  const page = await stranger();
  await page.goto("/?interval=year");
  await page.getByRole("link", { name: "Subscribe to Pro" }).click();
  await page.getByLabel("E-mail address").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(new RegExp(`${base}/subscribe\\?.*interval=year`));
  await expect(page.getByText("€290.00 a year").first()).toBeVisible();

  await toPayment(page);
  await payWith(page, GOOD);

  await expectPro({ page, base, organization, person });
  await page.getByRole("link", { name: "Go to billing" }).click();
  await expect(page.getByRole("region", { name: "Plan" })).toContainText("Pro");
  await page.goto("/");
  await expect(page.getByText("Current plan")).toBeVisible();
  await expect(page.getByRole("link", { name: "Change to Business" })).toBeVisible();
  const { data } = await box.stripe.subscriptions.list();
  expect(data.filter(({ metadata }) => metadata.organization_id === organization.id)).toHaveLength(
    1,
  );
});

test("pays the tax of its country, where the operator lets Stripe work it out", async ({
  arrives,
  sql,
}) => {
  const somebody = await arrives("Taxed");
  const { page } = somebody;
  await sql`insert into settings (key, value) values ('worksOutTax', 'true')`;
  try {
    await choosePro(somebody);
    await expect(page.getByText("Tax is worked out there by your address")).toBeVisible();
    await toPayment(page);
  } finally {
    await sql`delete from settings where key = 'worksOutTax'`;
  }
  await page.getByLabel("Country").selectOption("Germany");
  await payWith(page, GOOD);
  await expect(page.getByRole("alert")).toContainText("Nothing was charged yet");
  await expect(page.getByText("€34.51").first()).toBeVisible();
  await expectReadable(page);

  await payWith(page, GOOD);

  await expectPro(somebody);
});

test("tries another card when the first is declined", async ({ arrives }) => {
  const somebody = await arrives("Declined");
  const { page } = somebody;
  await choosePro(somebody);
  await toPayment(page);

  await payWith(page, DECLINED);
  await expect(page.getByRole("alert")).toContainText("declined");
  await payWith(page, GOOD);

  await expectPro(somebody);
});

test("confirms the payment at the bank, after refusing it once", async ({ arrives }) => {
  const somebody = await arrives("3-D Secure");
  const { page } = somebody;
  await choosePro(somebody);
  await toPayment(page);

  await payWith(page, ASKS_EVERY_TIME);
  await page.getByRole("button", { name: "Refuse" }).click();
  await payWith(page, ASKS_EVERY_TIME);
  await page.getByRole("button", { name: "Approve" }).click();

  await expectPro(somebody);
});

test("leaves the payment page, and goes on from where it was left", async ({ arrives, box }) => {
  const somebody = await arrives("Leaves");
  const { page, base, organization } = somebody;
  await choosePro(somebody);
  await toPayment(page);
  const { data } = await box.stripe.checkout.sessions.list({ limit: 100 });
  const session = data.find((each) => each.client_reference_id === organization.id);

  await page.goto(session?.cancel_url ?? "");
  await expect(page.getByText("You left the payment page")).toBeVisible();
  await expectReadable(page);
  await page.goto(`${base}/subscribe`);
  await expect(page.getByText("You began to subscribe to Pro")).toBeVisible();
  await page.getByRole("link", { name: "Look at it" }).click();
  await page.getByRole("link", { name: "Go on to pay" }).click();
  await payWith(page, GOOD);

  await expectPro(somebody);
});

test("cannot begin a second subscription from another window", async ({ arrives, box }) => {
  const somebody = await arrives("Two windows");
  const { page, base, organization } = somebody;
  const other = await page.context().newPage();
  await choosePro(somebody);
  await other.goto(`${base}/subscribe?plan=business`);
  await toPayment(page);
  await payWith(page, GOOD);
  await expectPro(somebody);

  await other.getByRole("button", { name: "Continue to payment" }).click();

  await expect(other.getByText(/^You have a subscription already/).first()).toBeVisible();
  const { data } = await box.stripe.subscriptions.list({ limit: 100 });
  expect(data.filter(({ metadata }) => metadata.organization_id === organization.id)).toHaveLength(
    1,
  );
});

test("subscribes without scripts", async ({ arrives, browser, shop }) => {
  const { page: scripted, base } = await arrives("No scripts");
  const storageState = await scripted.context().storageState();
  const context = await browser.newContext({
    baseURL: shop.url,
    storageState,
    javaScriptEnabled: false,
  });
  const page = await context.newPage();
  await page.goto(`${base}/subscribe?plan=pro`);

  await page.getByRole("button", { name: "Continue to payment" }).click();
  await expect(page.getByRole("button", { name: "Subscribe" })).toBeVisible();
  await payWith(page, GOOD);

  await expect(page.getByText("You have Pro")).toBeVisible();
  await context.close();
});

test("reads every page of it on a phone, by day and by night", async ({ arrives }) => {
  const somebody = await arrives("Phone");
  const { page, base } = somebody;
  for (const path of ["/", `${base}/subscribe`, `${base}/subscribe?plan=pro&currency=USD`]) {
    await page.goto(path);
    await expectReadable(page);
  }
  await page.setViewportSize(PHONE);
  await toPayment(page);
  await payWith(page, GOOD);
  await expect(page.getByText("You have Pro")).toBeVisible();
  expect(await widthOf(page)).toBeLessThanOrEqual(PHONE.width);
  await expectReadable(page);
  await page.goto(`${base}/subscribe`);
  await expectReadable(page);
});

test("has a trial in words, and then in fact", async ({ arrives, sql }) => {
  await sql`update plans set trial_days = 14 where code = 'pro'`;
  try {
    const { page, base } = await arrives("Trial");
    await page.goto(`${base}/subscribe?plan=pro`);
    await expect(page.getByText("14 days free, then €29.00 a month")).toBeVisible();
    await page.getByRole("button", { name: "Continue to payment" }).click();
    await payWith(page, GOOD);

    await expect(page.getByText("You have Pro")).toBeVisible();
    await expect(page.getByText(/Your trial lasts until/)).toBeVisible();
  } finally {
    await sql`update plans set trial_days = null where code = 'pro'`;
  }
});

test("says that nothing is on sale where nothing is", async ({ arrives, sql }) => {
  await sql`update plans set archived_at = now()`;
  try {
    const { page, base } = await arrives("Nothing sold");
    await page.goto(`${base}/subscribe`);

    await expect(page.getByText("Nothing is on sale yet")).toBeVisible();
    await expectReadable(page);
  } finally {
    await sql`update plans set archived_at = null`;
  }
});

test("has the plan although the window was closed right after paying", async ({
  arrives,
  listens,
  sql,
}) => {
  await listens();
  const somebody = await arrives("Closes");
  const { page, organization, base } = somebody;
  await choosePro(somebody);
  await toPayment(page);
  await page.route(/\/portal\/.*\/checkout\//, (route) => route.abort());
  await payWith(page, GOOD).catch(() => {});
  await page.close();

  await expect(async () => {
    const [row] = await sql`
      select t.code from organizations o join tiers t on t.id = o.tier_id
      where o.id = ${organization.id}`;
    expect(row?.code).toBe("pro");
  }).toPass({ timeout: 20_000 });
  const again = await page.context().newPage();
  await again.goto(`${base}/billing`);
  await expect(again.getByRole("region", { name: "Plan" })).toContainText("Pro");
});
