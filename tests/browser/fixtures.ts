import { randomBytes } from "node:crypto";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import {
  type Deployments,
  deployments,
  type Organization,
  type Running,
  type Who,
} from "./deployments.ts";
import { event } from "./objects.ts";
import { deliver } from "./seed.ts";

type Fixtures = {
  /** What a browser may complain about in this test: a page that is not there, on purpose. */
  excused: RegExp | undefined;
  /** What browsers complained about; none may, in any test. */
  complaints: string[];
  seeded: Deployments["seeded"];
  /** Where a spec takes place: the deployment that all share, unless it has one of its own. */
  deployment: Running;
  /** A browser of somebody who is signed in. */
  as: (who: Who) => Promise<Page>;
  /** A browser in which nobody is. */
  stranger: (baseURL?: string) => Promise<Page>;
  stripe: Stripe;
  newOrganization: (name: string) => Promise<Organization>;
};

type Told = { secret?: string; at?: number; times?: number; live?: boolean };

export type Stripe = {
  /** Posts an event to the app's own webhook address, signed; answers its id once acknowledged. */
  tells(type: string, object: object, how?: Told): Promise<string>;
  /** The same, where it is refused. */
  isRefused(type: string, object: object, secret: string): Promise<string>;
};

/** Every spec's test: on the deployment with data, and failing when a browser complained. */
export const test = base.extend<Fixtures>({
  excused: [undefined, { option: true }],

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what is needed from the pattern.
  seeded: async ({}, use) => use(deployments().seeded),

  deployment: async ({ seeded }, use) => use(seeded),

  baseURL: async ({ deployment }, use) => use(deployment.url),

  complaints: [
    async ({ excused }, use) => {
      const complaints: string[] = [];
      await use(complaints);
      const unexpected = complaints.filter((complaint) => !excused?.test(complaint));
      expect(unexpected, "what the browser complained about").toEqual([]);
    },
    { auto: true },
  ],

  context: async ({ context, complaints }, use) => {
    listen(context, complaints);
    await use(context);
  },

  stranger: async ({ browser, baseURL, complaints }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (url = baseURL) => {
      const context = await browser.newContext(url ? { baseURL: url } : {});
      contexts.push(context);
      listen(context, complaints);
      return context.newPage();
    });
    for (const context of contexts) await context.close();
  },

  as: async ({ browser, baseURL, complaints, deployment }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (who) => {
      const storageState = deployment.states[who];
      const context = await browser.newContext({
        baseURL: baseURL ?? deployment.url,
        storageState,
      });
      contexts.push(context);
      listen(context, complaints);
      return context.newPage();
    });
    for (const context of contexts) await context.close();
  },

  stripe: async ({ deployment }, use) => {
    const post = async (type: string, object: object, how: Told) => {
      const id = `evt_${randomBytes(8).toString("hex")}`;
      const at = how.at ?? Math.floor(Date.now() / 1_000);
      const told = { ...event(id, type, object, at), livemode: how.live ?? false };
      const { url, secret = deployment.secret } = { ...deployment, ...how };
      const statuses = new Set<number>();
      for (let n = 0; n < (how.times ?? 1); n++) statuses.add(await deliver({ url, secret }, told));
      return { id, statuses: [...statuses] };
    };
    await use({
      tells: async (type, object, how = {}) => {
        const { id, statuses } = await post(type, object, how);
        expect(statuses).toEqual([200]);
        return id;
      },
      isRefused: async (type, object, secret) => {
        const { id, statuses } = await post(type, object, { secret });
        expect(statuses).toEqual([400]);
        return id;
      },
    });
  },

  newOrganization: async ({ deployment }, use) => {
    await use(async (name) => {
      const answer = await fetch(`${deployment.url}/api/v1/organizations`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${deployment.apiKey}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ name: `${name} ${randomBytes(3).toString("hex")}` }),
      });
      expect(answer.status).toBe(201);
      return answer.json();
    });
  },
});

export { expect };

function listen(context: BrowserContext, complaints: string[]): void {
  context.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    complaints.push(`${message.page()?.url()}: ${message.text()}`);
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
}

/** Reads a page anew until it says something: what a worker does is seen a moment later. */
export async function eventually(page: Page, check: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await page.reload();
    await check();
  }).toPass({ timeout: 20_000 });
}

/** Finds an event in the log by the gateway's id, and opens its page. */
export async function openEvent(page: Page, eventRef: string): Promise<void> {
  await page.goto(`/admin/webhooks?q=${eventRef}`);
  await page.getByRole("row").filter({ hasText: eventRef }).getByRole("link").first().click();
  await expect(page).toHaveURL(/\/admin\/webhooks\/gev_/);
}
