import type { Page } from "@playwright/test";
import { expect } from "./fixtures.ts";
import { test } from "./office.ts";

/** Yellow: no words of that colour can be read on white, and no white words on it. */
const CHOSEN = "#ffd43b";

test("wears the operator's colour where customers are, and nowhere else", async ({
  as,
  stranger,
}) => {
  const page = await as("administrator");
  const [owner, customer] = [await as("owner"), await stranger()];
  const own = await accentOf(page, "/admin");
  await page.goto("/admin/settings/general");
  await page.getByLabel(/Accent colour/).fill(CHOSEN);
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(page.getByText("Settings saved.")).toBeVisible();

  expect(await accentOf(owner, "/portal/acme/billing")).toBe(CHOSEN);
  expect(await accentOf(customer, "/")).toBe(CHOSEN);
  expect(await accentOf(customer, "/sign-in")).toBe(CHOSEN);
  expect(await accentOf(page, "/admin")).toBe(own);
  await owner.goto("/portal/acme/billing");
  const current = owner.getByRole("navigation").getByRole("link", { name: "Billing" });
  await expect(current).not.toHaveCSS("border-bottom-color", "rgb(255, 212, 59)");

  await page.goto("/admin/settings/general");
  await page.getByLabel(/Accent colour/).fill("");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(page.getByText("Settings saved.")).toBeVisible();
});

test("keeps the colour when somebody walks from page to page", async ({ as, sql }) => {
  const owner = await as("owner");
  await sql`insert into settings (key, value) values ('accentColour', ${sql.json(CHOSEN)})
    on conflict (key) do update set value = excluded.value`;
  await owner.goto("/portal/acme/billing");
  await owner.getByRole("navigation").getByRole("link", { name: "Members" }).click();
  await expect(owner).toHaveURL(/members$/);

  const accent = await owner.evaluate(read);

  expect(accent).toBe(CHOSEN);
  await sql`delete from settings where key = 'accentColour'`;
});

async function accentOf(page: Page, address: string): Promise<string> {
  await page.goto(address);
  return page.evaluate(read);
}

/** What the page's buttons stand on, in the light theme. */
function read(): string {
  const value = getComputedStyle(document.documentElement).getPropertyValue("--color-accent");
  return /light-dark\(\s*(#\w+)/.exec(value)?.[1] ?? value.trim();
}
