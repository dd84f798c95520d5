import { expect, type Page } from "@playwright/test";

/** Through the form, as everybody does; ends on that person's first page. */
export async function signIn(
  page: Page,
  person: { email: string; password: string },
): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/(admin|portal)(\/|$)/);
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
}

/** The newest mail to somebody with this subject, open in the demo's mailbox. */
export async function openMail(page: Page, to: string, subject: RegExp): Promise<void> {
  await expect(async () => {
    await page.goto("/mailbox");
    await page
      .getByRole("row")
      .filter({ hasText: to })
      .filter({ hasText: subject })
      .first()
      .getByRole("link")
      .click({ timeout: 1_000 });
  }).toPass();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(subject);
}

/** The address that a mail wants its reader to open. */
export async function linkInMail(page: Page): Promise<string> {
  const link = page.getByRole("link", { name: /^https?:\/\// }).first();
  return (await link.getAttribute("href")) ?? "";
}
