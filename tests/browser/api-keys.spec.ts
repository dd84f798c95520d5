import { randomBytes } from "node:crypto";
import { expect } from "./fixtures.ts";
import { test } from "./office.ts";

const KEYS = "/admin/settings/api-keys";

test("makes a key that is shown once, works, and is refused as soon as it is revoked", async ({
  as,
  deployment,
}) => {
  const page = await as("administrator");
  const label = `Our app ${randomBytes(3).toString("hex")}`;
  await page.goto(KEYS);
  await page.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("What is it for?").fill(label);
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog.getByText("It is shown this once.")).toBeVisible();
  const key = (await dialog.locator("code").textContent()) ?? "";
  expect(key).toMatch(/^bhk_[\w-]{20,}/);
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toHaveCount(0);
  const row = page.getByRole("row").filter({ hasText: label });
  await expect(row).toContainText(`bhk_…${key.slice(-4)}`);
  await expect(row).toContainText("Never");
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(dialog.getByLabel("What is it for?")).toHaveValue("");
  for (const path of [KEYS, "/admin/audit"]) {
    await page.goto(path);
    expect(await page.content()).not.toContain(key);
  }

  const made = await callApi(deployment.url, key, { name: label });
  expect(made.status).toBe(201);
  expect(await made.json()).toMatchObject({ name: label, tier: { code: "free" } });
  await page.goto(KEYS);
  await expect(row).not.toContainText("Never");

  await row.getByRole("button", { name: `Revoke the key ${label}` }).click();
  await expect(dialog).toContainText("refused at once");
  await dialog.getByRole("button", { name: "Revoke key" }).click();
  await expect(row).toContainText("Revoked");
  expect((await callApi(deployment.url, key, { name: "Too late" })).status).toBe(401);
  await page.goto("/admin/organizations");
  await expect(page.getByText(label)).toBeVisible();
  await expect(page.getByText("Too late")).toHaveCount(0);
});

test("asks what a key is for, and makes none until that is said", async ({ as, sql }) => {
  const page = await as("administrator");
  const count = async () => (await sql`select count(*)::int as n from api_keys`)[0]?.n;
  const before = await count();
  await page.goto(KEYS);
  await page.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("What is it for?").fill("   ");
  await dialog.getByRole("button", { name: "Create key" }).click();

  await expect(dialog.getByLabel("What is it for?")).toHaveAttribute("aria-invalid", "true");
  await expect(dialog.getByLabel("What is it for?")).toBeFocused();
  expect(await count()).toBe(before);
});

function callApi(url: string, key: string, body: object): Promise<Response> {
  return fetch(`${url}/api/v1/organizations`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}
