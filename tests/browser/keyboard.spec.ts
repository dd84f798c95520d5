import type { Page } from "@playwright/test";
import { newId } from "#lib/ids.ts";
import { advanceTo, payWith } from "#tests/support/sandbox-subscriptions.ts";
import { eventually } from "./fixtures.ts";
import { choose, hears, onAPhone, pick, press, type } from "./keyboard.ts";
import { openMail } from "./people.ts";
import { expectReadable } from "./reading.ts";
import { expect, has, test } from "./shop.ts";

/* Everything that an owner does with a plan, on a phone and without a mouse. */

test.describe.configure({ mode: "default", timeout: 120_000 });

const GOOD = "4242424242424242";
const ANOTHER = "5555555555554444";
const ASKS_EVERY_TIME = "4000002760003184";
const FAILS = "pm_card_chargeCustomerFail";

const link = (page: Page, name: string | RegExp) => page.getByRole("link", { name, exact: true });
const button = (page: Page, name: string | RegExp) =>
  page.getByRole("button", { name, exact: true });

/** Types a card into the gateway's page, and sends it from its last field. */
async function enterCard(page: Page, number: string): Promise<void> {
  await type(page, page.getByLabel("Card number"), number);
  await type(page, page.getByLabel(/^Expir/), "12 / 40");
  await type(page, page.getByLabel(/^CVC|^Security/), "123");
  await type(page, page.getByLabel("Name on the card"), "Nora Newcomer");
  await page.keyboard.press("Enter");
}

/** From the billing page to another plan, and through its quote. */
async function changeTo(page: Page, plan: string): Promise<void> {
  await press(page, link(page, "Change plan"));
  await press(page, link(page, `Choose ${plan}`));
  await press(page, button(page, /^(Change plan|Schedule change)/));
}

test("subscribes, upgrades now and goes from months to years", async ({ arrives }) => {
  const { page, base } = await arrives("Keys from the start");
  await onAPhone(page, "light");
  await page.goto(`${base}/billing`);
  await press(page, link(page, "Subscribe"));
  await press(page, link(page, "Choose Pro"));
  await press(page, button(page, "Continue to payment"));
  await enterCard(page, GOOD);
  await expect(page.getByRole("status")).toContainText("You have Pro");
  await press(page, link(page, "Go to billing"));

  await changeTo(page, "Business");
  await hears(page, /Plan updated, €\d\d\.\d\d charged today/);

  await press(page, link(page, "Change plan"));
  await press(page, link(page, "Yearly"));
  await press(page, link(page, "Choose Business"));
  await expectReadable(page);
  await onAPhone(page, "light");
  await press(page, button(page, /^Change plan and pay/));
  await hears(page, /Plan updated, €\d{3}\.\d\d charged today/);
  await expect(page.getByRole("region", { name: "Plan" })).toContainText("€990.00 a year");
});

test("takes seats, plans a downgrade, undoes it, cancels and resumes", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  await sql`update plans set is_per_seat = true where code = 'business'`;
  const { page } = await has("business", await arrives("Keys for two"), { box, sql, listens });
  await onAPhone(page, "dark");
  await press(page, link(page, "Seats"));
  await type(page, page.getByLabel("Number of seats"), "2");
  await press(page, button(page, "Show plans for so many"));
  await press(page, link(page, "Choose Business"));
  await press(page, button(page, "Change plan and pay €49.50"));
  await hears(page, "Plan updated, €49.50 charged today");

  await changeTo(page, "Pro");
  await hears(page, "Change scheduled for 1 June 2027");
  await press(page, button(page, "Undo"));
  await hears(page, "The planned change was given up");

  await press(page, link(page, "Cancel"));
  await choose(page, page.getByLabel("Why do you cancel?"), "It is too expensive");
  await press(page, button(page, "Cancel Business"));
  await hears(page, "You keep Business until 1 June 2027");
  await press(page, button(page, "Keep my plan"));
  await hears(page, "You keep Business. It renews as before.");
  await sql`update plans set is_per_seat = false where code = 'business'`;
});

test("pays with another card after one failed, refuses at the bank, and approves", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await arrives("Keys and cards");
  const { page } = await has("pro", somebody, { box, sql, listens, card: FAILS });
  await onAPhone(page, "light");
  await changeTo(page, "Business");
  await hears(page, /declined\. Your plan is unchanged/);
  const opened = page.waitForEvent("popup");
  await press(page, page.getByRole("link", { name: /^Pay with another card/ }));
  const gateway = await opened;
  await onAPhone(gateway, "dark");

  for (const answer of ["Refuse", "Approve"]) {
    await pick(gateway, gateway.getByRole("radio", { name: "A new card" }));
    await enterCard(gateway, ASKS_EVERY_TIME);
    await press(gateway, button(gateway, answer));
    if (answer === "Refuse") await hears(gateway, "The bank did not confirm that it is you");
  }

  await expect(gateway.getByText(/^Paid on /)).toBeVisible();
  await eventually(page, async () => {
    const plan = page.getByRole("region", { name: "Plan" });
    await expect(plan).toContainText("€99.00 on 1 June 2027", { timeout: 500 });
  });
});

test("adds a card, makes it pay, removes the other and says where to send the bills", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const { page } = await has("pro", await arrives("Keys of a purse"), { box, sql, listens });
  await onAPhone(page, "dark");
  await press(page, link(page, "Payment methods"));
  await press(page, button(page, "Add card"));
  await enterCard(page, ANOTHER);
  await press(page, button(page, "Make default: Mastercard •••• 4444"));
  await hears(page, "Mastercard •••• 4444 pays for everything from now on.");

  const removal = button(page, "Remove Visa •••• 4242");
  await press(page, removal);
  await expect(button(page, "Keep as it is")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(removal).toBeFocused();
  await press(page, removal);
  await press(page, button(page, "Remove card"));
  await hears(page, "Visa •••• 4242 was removed.");

  await press(page, page.getByRole("navigation", { name: "Breadcrumbs" }).getByRole("link"));
  await press(page, link(page, "Billing details"));
  await type(page, page.getByLabel("Street and number"), "Hauptstraße 1");
  await press(page, button(page, "Save details"));
  await expect(page.getByLabel("Country")).toBeFocused();
  await choose(page, page.getByLabel("Country"), "Germany");
  await press(page, button(page, "Save details"));
  await hears(page, "Billing details saved.");
});

test("invites somebody, gives a member another role, and removes them", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await arrives("Keys for many");
  const { organization } = somebody;
  const id = newId("usr");
  const email = `${id}@a-company-with-a-long-name.example.com`;
  await sql`insert into users (id, email, name) values (${id}, ${email}, 'Mo Member')`;
  await sql`insert into members (organization_id, user_id, role)
    values (${organization.id}, ${id}, 'member')`;
  const { page } = await has("pro", somebody, { box, sql, listens });
  await onAPhone(page, "light");
  await press(page, page.getByRole("navigation").getByRole("link", { name: "Members" }));

  await press(page, button(page, "Invite member"));
  await type(page, page.getByLabel("E-mail address"), "new@example.com");
  await choose(page, page.getByLabel("Role", { exact: true }), "Billing");
  await press(page, button(page, "Send invitation"));
  await hears(page, "Invitation sent.");
  await expect(page.getByRole("row").filter({ hasText: "new@example.com" })).toBeVisible();

  const member = page.getByRole("row").filter({ hasText: "Mo Member" });
  await press(page, button(page, "Change role of Mo Member"));
  await choose(page, page.getByLabel("Role", { exact: true }), "Billing");
  await press(page, page.getByRole("dialog").getByRole("button", { name: "Change role" }));
  await hears(page, "Role changed.");
  await expect(member).toContainText("Billing");

  await press(page, button(page, "Remove Mo Member"));
  await press(page, button(page, "Remove member"));
  await hears(page, "Member removed.");
  await expect(member).toHaveCount(0);
});

test("pays an overdue invoice from the link in its mail", async ({
  arrives,
  listens,
  box,
  sql,
}) => {
  const somebody = await has("pro", await arrives("Keys to a debt"), { box, sql, listens });
  const { page, payer, person, base } = somebody;
  await payWith(box, payer.customer, FAILS);
  await advanceTo(box, payer, "2027-06-01T02:00:00Z");
  await onAPhone(page, "dark");
  await openMail(page, person.email, /^Payment failed for invoice /);

  const opened = page.waitForEvent("popup");
  await press(page, page.getByRole("link", { name: /^http.*invoice/ }));
  const invoice = await opened;
  await onAPhone(invoice, "light");
  await expect(invoice.getByRole("heading", { name: "€29.00" })).toBeVisible();
  await pick(invoice, invoice.getByRole("radio", { name: /4242/ }));
  await press(invoice, invoice.getByRole("button", { name: /^Pay/ }));
  await expect(invoice.getByText(/^Paid on /)).toBeVisible();

  await page.goto(`${base}/billing`);
  await eventually(page, async () => {
    await expect(page.getByText(/^Past due since/)).toHaveCount(0, { timeout: 500 });
  });
});
