import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { test as base, expect } from "./fixtures.ts";
import { expectReadable } from "./reading.ts";

/* The sandbox's own pages, as somebody meets them who tries the product by hand. */

/** Where checkouts lead to and back: another origin, as a real shop is. */
type Shop = { url: string };
type Told = { box: Box; shop: Shop };

const test = base.extend<Told>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what is needed from the pattern.
  box: async ({}, use) => {
    const box = await startSandbox();
    await use(box);
    await box.close();
  },

  baseURL: async ({ box }, use) => use(box.url),

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what is needed from the pattern.
  shop: async ({}, use) => {
    const server = createServer((request, response) => {
      response.setHeader("content-type", "text/html; charset=utf-8");
      const isIcon = request.url === "/favicon.ico";
      response.end(isIcon ? "" : "<!doctype html><title>Shop</title><h1>Thank you</h1>");
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    await use({ url: `http://127.0.0.1:${portOf(server.address())}` });
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  },
});

function portOf(address: AddressInfo | string | null): number {
  return address !== null && typeof address === "object" ? address.port : 0;
}

async function plan({ stripe }: Box, name: string, amount: number) {
  return stripe.prices.create({
    currency: "usd",
    unit_amount: amount,
    recurring: { interval: "month" },
    product_data: { name },
  });
}

async function checkout(box: Box, shop: Shop) {
  const price = await plan(box, "Pro", 2_000);
  return box.stripe.checkout.sessions.create({
    mode: "subscription",
    line_items: [{ price: price.id, quantity: 1 }],
    allow_promotion_codes: true,
    success_url: `${shop.url}/done?cs={CHECKOUT_SESSION_ID}`,
    cancel_url: `${shop.url}/prices`,
  });
}

/** Fills in a test card by its meaning, and who pays. */
async function fill(page: Page, card: string | RegExp) {
  await page.getByText("Fill in a test card").click();
  await page.getByRole("group", { name: "Test cards" }).getByRole("button", { name: card }).click();
  await page.getByLabel("E-mail").fill("jenny@example.com");
  await page.getByLabel("Name on the card").fill("Jenny Rosen");
}

/** Somebody who pays 20 dollars a month. */
async function subscriber(box: Box) {
  const price = await plan(box, "Pro", 2_000);
  const customer = await box.stripe.customers.create({
    name: "Jenny Rosen",
    payment_method: "pm_card_visa",
  });
  const [card] = (await box.stripe.paymentMethods.list({ customer: customer.id })).data;
  const subscription = await box.stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    default_payment_method: card?.id ?? "",
  });
  return { customer, subscription };
}

test("subscribes with a card that succeeds, and comes back to the shop", async ({
  page,
  box,
  shop,
}) => {
  const session = await checkout(box, shop);
  await page.goto(session.url ?? "");
  await expect(page.getByRole("banner")).toContainText("Sandbox");
  await expectReadable(page);

  await fill(page, "Succeeds 4242 4242 4242 4242");
  await page.getByRole("button", { name: "Subscribe" }).click();

  await expect(page).toHaveURL(`${shop.url}/done?cs=${session.id}`);
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
  expect((await box.stripe.subscriptions.list()).data).toMatchObject([{ status: "active" }]);
});

test("says in words that a card was declined, and takes another", async ({ page, box, shop }) => {
  const session = await checkout(box, shop);
  await page.goto(session.url ?? "");

  await fill(page, "Is declined 4000 0000 0000 0002");
  await page.getByRole("button", { name: "Subscribe" }).click();

  await expect(page.getByRole("alert")).toContainText("The bank declined this card");
  await expect(page.getByLabel("E-mail")).toHaveValue("jenny@example.com");
  await page.getByLabel("Card number").fill("4242 4242 4242 4242");
  await page.getByRole("button", { name: "Subscribe" }).click();
  await expect(page).toHaveURL(new RegExp(`^${shop.url}/done`));
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
});

test("says beside each field what is missing, and keeps what was typed", async ({
  page,
  box,
  shop,
}) => {
  const session = await checkout(box, shop);
  await page.goto(session.url ?? "");

  await page.getByLabel("E-mail").fill("jenny");
  await page.getByRole("button", { name: "Subscribe" }).click();

  await expect(page.getByLabel("E-mail")).toHaveAccessibleDescription(/Enter an e-mail address/);
  await expect(page.getByLabel("E-mail")).toHaveValue("jenny");
  await expect(page.getByLabel("E-mail")).toBeFocused();
  await expect(page.getByLabel("Card number")).toHaveAccessibleDescription(/Enter a card number/);
  await expectReadable(page);
});

test("goes to the bank for 3-D Secure, is refused, asks again and is approved", async ({
  page,
  box,
  shop,
}) => {
  const session = await checkout(box, shop);
  await page.goto(session.url ?? "");
  await fill(page, /every time/);
  await page.getByRole("button", { name: "Subscribe" }).click();
  await expect(page.getByRole("heading", { name: "Is it you?" })).toBeVisible();
  await expectReadable(page);

  await page.getByRole("button", { name: "Refuse" }).click();

  await expect(page.getByRole("alert")).toContainText("did not confirm that it is you");
  await fill(page, /every time/);
  await page.getByRole("button", { name: "Subscribe" }).click();
  await page.getByRole("button", { name: "Approve" }).click();
  await expect(page).toHaveURL(`${shop.url}/done?cs=${session.id}`);
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
});

test("subscribes by the keyboard only", async ({ page, box, shop }) => {
  const session = await checkout(box, shop);
  await page.goto(session.url ?? "");
  const next = async (name: string) => {
    for (let steps = 0; steps < 20; steps += 1) {
      await page.keyboard.press("Tab");
      const focused = page.locator(":focus");
      if ((await focused.evaluate(labelOf)).startsWith(name)) return;
    }
    throw new Error(`Tab does not reach ${name}`);
  };

  await next("Fill in a test card");
  await page.keyboard.press("Enter");
  await next("Succeeds 4242");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Card number")).toHaveValue("4242 4242 4242 4242");
  await next("E-mail");
  await page.keyboard.type("jenny@example.com");
  await next("Name on the card");
  await page.keyboard.type("Jenny Rosen");
  await page.keyboard.press("Enter");

  await expect(page).toHaveURL(`${shop.url}/done?cs=${session.id}`);
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
});

test("pays an open invoice with a saved card", async ({ page, box }) => {
  const { customer } = await subscriber(box);
  await box.stripe.invoiceItems.create({ customer: customer.id, amount: 700, currency: "usd" });
  const draft = await box.stripe.invoices.create({
    customer: customer.id,
    pending_invoice_items_behavior: "include",
  });
  const invoice = await box.stripe.invoices.finalizeInvoice(draft.id, { auto_advance: false });
  await page.goto(invoice.hosted_invoice_url ?? "");
  await expectReadable(page);

  await expect(page.getByRole("radio", { name: /Visa •••• 4242/ })).toBeChecked();
  await page.getByRole("button", { name: "Pay $7.00" }).click();

  await expect(page.getByText(/^Paid on/)).toBeVisible();
});

test("cancels in the portal, and thinks better of it", async ({ page, box }) => {
  const { customer, subscription } = await subscriber(box);
  await box.stripe.billingPortal.configurations.create({
    features: {
      invoice_history: { enabled: true },
      payment_method_update: { enabled: true },
      subscription_cancel: {
        enabled: true,
        cancellation_reason: { enabled: true, options: ["too_expensive", "unused", "other"] },
      },
    },
  });
  const { url } = await box.stripe.billingPortal.sessions.create({ customer: customer.id });
  await page.goto(url);
  await expectReadable(page);

  await page.getByRole("link", { name: "Cancel subscription" }).click();
  await expectReadable(page);
  await page.getByRole("radio", { name: "It is too expensive" }).check();
  await page.getByRole("button", { name: "Cancel subscription" }).click();

  await expect(page.getByText(/ends with its period/)).toBeVisible();
  expect(await box.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
    cancel_at_period_end: true,
    cancellation_details: { feedback: "too_expensive" },
  });
  await page.getByRole("button", { name: "Keep the subscription" }).click();
  await expect(page.getByText("The subscription goes on.")).toBeVisible();
  await page.getByRole("link", { name: "Update card" }).click();
  await expectReadable(page);
});

test("moves time on the control page, and what is due happens", async ({ page, box }) => {
  const { subscription } = await subscriber(box);
  await page.goto("/_sandbox");
  await expectReadable(page);

  await page.getByRole("button", { name: "Next charge fails" }).click();
  await expect(page.getByText("The next charge of this customer fails.")).toBeVisible();
  await page.getByRole("button", { name: "A month on" }).click();
  await page.getByRole("button", { name: "A day on" }).click();

  await expect(page.getByText("Past due", { exact: true })).toBeVisible();
  expect(await box.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
    status: "past_due",
  });
});

test("begins a checkout for somebody by hand", async ({ page, box }) => {
  await box.stripe.prices.create({
    currency: "eur",
    unit_amount: 2_900,
    recurring: { interval: "month" },
    product_data: { name: "Pro" },
  });
  await page.goto("/_sandbox");

  await page.getByLabel("Price").selectOption({ label: "Pro, €29.00 per month" });
  await page.getByLabel("For whom").fill("org_acme");
  await page.getByRole("button", { name: "Open its page" }).click();
  await page.getByRole("link", { name: "Open checkout" }).click();

  await expect(page.getByRole("heading", { name: "Subscribe to Pro" })).toBeVisible();
  expect(box.world.all("checkout.session")).toMatchObject([{ client_reference_id: "org_acme" }]);
});

test("shows requests and deliveries, switches faults, and asks before it forgets", async ({
  page,
  box,
}) => {
  await page.goto("/_sandbox/traffic");
  await page.getByLabel("Address").fill(`${box.url}/nowhere`);
  await page.getByRole("button", { name: "Add endpoint" }).click();
  await subscriber(box);
  await page.getByRole("link", { name: "Webhooks and requests" }).click();
  await page.getByText("customer.subscription.created", { exact: true }).click();
  await expect(page.getByRole("region", { name: /^Body of evt_/ }).first()).toBeVisible();
  await expect(page.getByText("POST /v1/subscriptions")).toBeVisible();
  await expectReadable(page);

  await page.getByRole("link", { name: "Faults and state" }).click();
  await page.getByLabel("Sent twice (%)").fill("50");
  await page.getByRole("button", { name: "Switch faults" }).click();
  await expect(page.getByLabel("Sent twice (%)")).toHaveValue("50");
  expect(box.faults.now().deliveries.duplicate).toBe(0.5);
  await expectReadable(page);

  await page.getByRole("button", { name: "Reset the sandbox" }).click();
  expect(box.world.all("customer")).toHaveLength(1);
  await page.getByLabel("Yes, forget everything").check();
  await page.getByRole("button", { name: "Reset the sandbox" }).click();
  await expect(page.getByText("Everything is forgotten.")).toBeVisible();
  expect(box.world.all("customer")).toEqual([]);
});

/** What an element is called, as far as this page's forms go. Runs in the browser. */
function labelOf(element: Element): string {
  const label = element instanceof HTMLInputElement ? element.labels?.[0] : element;
  return (label?.textContent ?? "").replaceAll(/\s+/g, " ").trim();
}
