import type { Page } from "@playwright/test";
import { filled } from "./addresses.ts";
import { deployments, type Who } from "./deployments.ts";
import { expect, test } from "./fixtures.ts";
import { openMail } from "./people.ts";
import { DESKTOP, expectReadable, faultsOf, PHONE, widthOf } from "./reading.ts";
import { whatThereIs } from "./role-table.ts";

/* What holds for every page: it can be read by all, on a phone, by day and by night. */

// Every page by itself: the longest spec is shared by all workers.
test.describe.configure({ mode: "parallel" });

/** What sends on at once, or exists only before there is anybody: the story of the first run looks at it. */
const ELSEWHERE = ["/setup", "/portal/[org]", "/admin/settings/integrations/[gateway]"];
const pages = whatThereIs().filter((what) => what.startsWith("/") && !ELSEWHERE.includes(what));

for (const address of pages) {
  test(`is readable by everybody, narrow and wide, in light and dark: ${address}`, async ({
    as,
    stranger,
  }) => {
    const who = whoseIs(address);
    const page = who ? await as(who) : await stranger();
    await page.setViewportSize(DESKTOP);
    await open(page, address);
    await expectReadable(page);
  });
}

for (const { address, button } of [
  { address: "/admin/settings/api-keys", button: "Create key" },
  { address: "/admin/settings/gateways/[gateway]", button: "Add test key" },
  { address: "/admin/customers/[linked]", button: "Unlink" },
  { address: "/portal/[org]/members", button: "Invite member" },
]) {
  test(`asks in a dialog that is readable by everybody: ${button}`, async ({ as }) => {
    const page = await as(whoseIs(address) ?? "administrator");
    await open(page, address);
    await page.getByRole("button", { name: button, exact: true }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await expectReadable(page, "[role=dialog]");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(page.getByRole("button", { name: button, exact: true })).toBeFocused();
  });
}

test("is readable where there is nothing yet, narrow and wide", async ({ as, newOrganization }) => {
  const organization = await newOrganization("Nothing yet");
  const page = await as("administrator");
  for (const path of [`/admin/organizations/${organization.id}`, "/admin/webhooks?q=evt_none"]) {
    await page.setViewportSize(DESKTOP);
    await page.goto(path);
    expect(await faultsOf(page)).toEqual([]);
    await page.setViewportSize(PHONE);
    expect(await widthOf(page)).toBe(PHONE.width);
  }
});

test("keeps the chosen theme from page to page", async ({ as }) => {
  const page = await as("owner");
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/account");
  const light = await canvasOf(page);

  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("button", { name: "Dark" }).click();
  await expect.poll(() => canvasOf(page)).not.toBe(light);
  const dark = await canvasOf(page);
  await page.goto("/portal/acme/billing");

  expect(await canvasOf(page)).toBe(dark);
});

for (const address of [
  "/sign-in",
  "/portal/[org]/billing",
  "/portal/[org]/members",
  "/admin/webhooks/[id]",
  "/admin/customers/[id]",
  "/admin/settings/gateways/[gateway]",
]) {
  test(`reaches everything that can be pressed with the Tab key: ${address}`, async ({
    as,
    stranger,
  }) => {
    const who = whoseIs(address);
    const page = who ? await as(who) : await stranger();
    await open(page, address);

    expect(await missedByTab(page)).toEqual([]);
  });
}

function whoseIs(address: string): Who | undefined {
  if (address.startsWith("/admin")) return "administrator";
  if (address.startsWith("/portal") || address === "/account") return "owner";
  return undefined;
}

async function open(page: Page, address: string): Promise<void> {
  const { samples, organizations } = deployments().seeded;
  if (address === "/mailbox/[id]") return openMail(page, "gus@globex.example", /./);
  const { slug, id } = organizations.acme;
  const place = {
    org: slug,
    organization: id,
    invoice: samples.acmeInvoice,
    command: samples.acmeCommand,
    order: samples.acmeOrder,
    mail: "",
  };
  const known = address.replace("[linked]", samples.linkedCustomer);
  const answer = await page.goto(filled(known, samples, place));
  expect(answer?.status()).toBe(200);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByText("Loading", { exact: true })).toHaveCount(0);
}

function canvasOf(page: Page): Promise<string> {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

/** Presses Tab through the page, and names what can be pressed in its main part and never had the focus. */
async function missedByTab(page: Page): Promise<string[]> {
  const SELECTOR =
    "main a[href], main button, main input:not([type=hidden]), main select, main summary";
  const count = await page.evaluate((selector) => {
    document.addEventListener("focusin", ({ target }) => {
      if (target instanceof HTMLElement) target.dataset.focused = "";
    });
    return document.querySelectorAll(selector).length;
  }, SELECTOR);
  for (let press = 0; press < count + 60; press++) await page.keyboard.press("Tab");
  return page.evaluate((selector) => {
    const all = [...document.querySelectorAll<HTMLElement>(selector)];
    const visible = all.filter((each) => each.checkVisibility() && !each.closest("[inert]"));
    return visible.filter((each) => !("focused" in each.dataset)).map((each) => each.outerHTML);
  }, SELECTOR);
}
