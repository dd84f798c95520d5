import type { Page } from "@playwright/test";
import { deployments } from "./deployments.ts";
import { expect, test } from "./fixtures.ts";
import { linkInMail, openMail, signIn, signOut } from "./people.ts";
import { expectReadable } from "./reading.ts";

/* One story on an empty deployment, told in order: each test begins where the one before ended. */

test.describe.configure({ mode: "serial" });
test.use({ baseURL: async ({ seeded: _ }, use) => use(deployments().empty.url) });

const root = { email: "root@example.com", password: "a fine day for sailing" };
const owner = { email: "olivia@example.com", password: "nine purple elephants" };
const bookkeeper = { email: "boris@example.com", password: "seven silent lighthouses" };
const guest = { email: "mona@example.com", password: "three hundred teacups" };

test("sends the very first visitor to the set-up", async ({ page }) => {
  await page.goto("/admin");

  await expect(page).toHaveURL("/setup");
  await expect(page.getByRole("heading", { name: "Set up Billhook" })).toBeVisible();
  await expectReadable(page);
});

test("makes the first administrator, and refuses a weak password first", async ({ page }) => {
  await page.goto("/setup");
  await page.getByLabel("Your name").fill("Root");
  await page.getByLabel("E-mail address").fill(root.email);
  await page.getByLabel("Password").fill("1234567890");
  await page.getByRole("button", { name: "Create administrator" }).click();
  await expect(page.getByLabel("Password")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("E-mail address")).toHaveValue(root.email);

  await page.getByLabel("Password").fill(root.password);
  await page.getByRole("button", { name: "Create administrator" }).click();

  await expect(page).toHaveURL("/admin");
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Set up" })).toBeVisible();
});

test.describe("once there is an administrator", () => {
  test.use({ excused: /status of 404/ });

  test("has no set-up page any more", async ({ page }) => {
    const answer = await page.goto("/setup");

    expect(answer?.status()).toBe(404);
  });
});

test("says that a password is wrong, and keeps the e-mail address", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill(root.email);
  await page.getByLabel("Password").fill("something else entirely");
  await page.getByRole("button", { name: "Sign in" }).click();

  await expect(page.getByText("The e-mail address or the password is not right.")).toBeVisible();
  await expect(page.getByLabel("E-mail address")).toHaveValue(root.email);
});

test("signs in to the page that was asked for, and signs out again", async ({ page }) => {
  await page.goto("/admin/webhooks?status=processed");
  await expect(page).toHaveURL(/\/sign-in\?from=/);
  await page.getByLabel("E-mail address").fill(root.email);
  await page.getByLabel("Password").fill(root.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL("/admin/webhooks?status=processed");

  await signOut(page);

  await page.goto("/admin");
  await expect(page).toHaveURL(/\/sign-in/);
});

test("invites an owner by mail, who accepts and sees the plan", async ({ page, stranger }) => {
  await signIn(page, root);
  await page.goto("/admin/organizations/new");
  await page.getByLabel("Name").fill("Northwind");
  await page.getByRole("button", { name: "Make organization" }).click();
  await page.getByRole("button", { name: "Invite" }).click();
  await page.getByLabel("E-mail address").fill(owner.email);
  await page.getByRole("button", { name: "Send invitation" }).click();
  await expect(page.getByText("Invited", { exact: true })).toBeVisible();

  const theirs = await stranger();
  await accept(theirs, owner, "Olivia", /Northwind/, expectReadable);

  await expect(theirs.getByRole("heading", { name: "Billing", level: 1 })).toBeVisible();
  await expect(theirs.getByText("There is no subscription.")).toBeVisible();
});

test("lets the owner invite others, who see as much as their role", async ({ page, stranger }) => {
  await signIn(page, owner);
  await page.getByRole("link", { name: "Members" }).click();
  await invite(page, bookkeeper.email, "billing");
  await invite(page, guest.email, "member");

  const [theirs, other] = [await stranger(), await stranger()];
  await accept(theirs, bookkeeper, "Boris", /Northwind/);
  await accept(other, guest, "Mona", /Northwind/);

  await expect(theirs.getByRole("heading", { name: "Billing", level: 1 })).toBeVisible();
  await expect(theirs.getByRole("link", { name: "Invoices" })).toBeVisible();
  await expect(other.getByRole("heading", { name: "Plan", level: 1 })).toBeVisible();
  await expect(other.getByRole("link", { name: "Invoices" })).toHaveCount(0);
  await other.getByRole("link", { name: "Members" }).click();
  await expect(other.getByRole("button", { name: "Invite member" })).toHaveCount(0);
});

test("resets a forgotten password by mail, which ends the old session", async ({
  page,
  stranger,
}) => {
  await signIn(page, guest);
  const other = await stranger();
  await other.goto("/sign-in");
  await other.getByRole("link", { name: "Forgot your password?" }).click();
  await expect(other).toHaveURL("/forgot-password");
  await other.getByLabel("E-mail address").fill(guest.email);
  await other.getByRole("button", { name: "Send link" }).click();
  await expect(other.getByRole("heading", { name: "Look into your mail" })).toBeVisible();

  await openMail(other, guest.email, /password/i);
  const link = await linkInMail(other);
  await other.goto(link);
  await expectReadable(other);
  await other.getByLabel("New password").fill("a brand new umbrella stand");
  await other.getByRole("button", { name: "Change password" }).click();

  await expect(other.getByText("Your password is changed")).toBeVisible();
  await page.reload();
  await expect(page).toHaveURL(/\/sign-in/);
  await signIn(other, { ...guest, password: "a brand new umbrella stand" });
  const late = await stranger();
  await late.goto(link);
  await expect(late.getByRole("heading", { name: "This link no longer works" })).toBeVisible();
});

test("signs every other browser out when a password is changed", async ({ page, stranger }) => {
  await signIn(page, bookkeeper);
  const other = await stranger();
  await signIn(other, bookkeeper);

  await page.goto("/account");
  await page.getByLabel("Current password").fill(bookkeeper.password);
  await page.getByLabel("New password").fill("eleven paper boats");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Every other browser is signed out.").first()).toBeVisible();

  await page.reload();
  await expect(page.getByRole("heading", { name: "Account" })).toBeVisible();
  await other.reload();
  await expect(other).toHaveURL(/\/sign-in/);
});

async function invite(page: Page, email: string, role: string): Promise<void> {
  await page.getByRole("button", { name: "Invite member" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite a member" });
  await dialog.getByLabel("E-mail address").fill(email);
  await dialog.getByLabel("Role").selectOption(role);
  await dialog.getByRole("button", { name: "Send invitation" }).click();
  await expect(page.getByText("Invitation sent.").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("row").filter({ hasText: email })).toBeVisible();
}

async function accept(
  page: Page,
  person: { email: string; password: string },
  name: string,
  subject: RegExp,
  look?: (page: Page) => Promise<void>,
): Promise<void> {
  await openMail(page, person.email, subject);
  await page.goto(await linkInMail(page));
  await look?.(page);
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Create account and accept" }).click();
  await expect(page).toHaveURL(/\/portal\//);
}
