import { randomBytes } from "node:crypto";
import type { Page } from "@playwright/test";
import { expect } from "./fixtures.ts";
import { test } from "./office.ts";
import { linkInMail, openMail } from "./people.ts";

const ADMINISTRATORS = "/admin/settings/administrators";

test.describe("somebody who was removed", () => {
  test.use({ excused: /status of 404/ });

  test("administers from the accepted invitation on, and no longer", async ({ as, stranger }) => {
    const page = await as("administrator");
    const theirs = await stranger();
    const { email, name } = somebody("Rob");
    await page.goto(ADMINISTRATORS);
    await invite(page, email);

    await openMail(theirs, email, /./);
    await theirs.goto(await linkInMail(theirs));
    await theirs.getByLabel("Your name").fill(name);
    await theirs.getByLabel("Password").fill("twelve green wheelbarrows");
    await theirs.getByRole("button", { name: "Create account and accept" }).click();
    await expect(theirs).toHaveURL("/admin");
    await page.reload();
    await expect(page.getByRole("row").filter({ hasText: email })).toContainText(name);

    await page.getByRole("button", { name: `Remove ${name}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove administrator" }).click();
    await expect(page.getByText("Administrator removed.").first()).toBeVisible();
    await expect(page.getByRole("row").filter({ hasText: email })).toHaveCount(0);
    await theirs.goto("/admin");
    await expect(theirs).toHaveURL(/\/sign-in/);
    await theirs.getByLabel("E-mail address").fill(email);
    await theirs.getByLabel("Password").fill("twelve green wheelbarrows");
    await theirs.getByRole("button", { name: "Sign in" }).click();
    await expect(theirs).not.toHaveURL(/\/sign-in/);
    expect((await theirs.goto("/admin"))?.status()).toBe(404);
  });
});

test("takes an invitation back, so that its link no longer works", async ({ as, stranger }) => {
  const page = await as("administrator");
  const theirs = await stranger();
  const { email } = somebody("Una");
  await page.goto(ADMINISTRATORS);
  await invite(page, email);
  await openMail(theirs, email, /./);
  const link = await linkInMail(theirs);

  await page.getByRole("button", { name: `Revoke the invitation of ${email}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke invitation" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("row").filter({ hasText: email })).toHaveCount(0);

  await theirs.goto(link);
  await expect(theirs.getByLabel("Your name")).toHaveCount(0);
  await expect(theirs.getByRole("heading", { level: 1 })).toHaveText(/no longer works/);
});

test("keeps the last administrator, and says why", async ({ as, deployment, sql }) => {
  const page = await as("administrator");
  const { email } = deployment.people.administrator;
  await page.goto(ADMINISTRATORS);
  const others = page.getByRole("row").filter({ has: page.getByRole("button"), hasNotText: email });
  for (let left = await others.count(); left > 0; left--) {
    await others
      .first()
      .getByRole("button", { name: /^Remove / })
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove administrator" }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(others).toHaveCount(left - 1);
  }

  await page
    .getByRole("row")
    .filter({ hasText: email })
    .getByRole("button", { name: /^Remove / })
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Remove administrator" }).click();

  await expect(dialog.getByText(/The last administrator stays\. Invite another/)).toBeVisible();
  await page.reload();
  await expect(page.getByRole("row").filter({ hasText: email })).toBeVisible();
  const rows = await sql`select email from users where administrator_since is not null`;
  expect(rows.map((row) => row.email)).toEqual([email]);
});

function somebody(name: string) {
  const tag = randomBytes(3).toString("hex");
  return { name: `${name} ${tag}`, email: `${name.toLowerCase()}-${tag}@example.com` };
}

async function invite(page: Page, email: string): Promise<void> {
  await page.getByRole("button", { name: "Invite administrator" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("E-mail address").fill(email);
  await dialog.getByRole("button", { name: "Send invitation" }).click();
  await expect(page.getByText("Invitation sent.").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("row").filter({ hasText: email })).toBeVisible();
}
