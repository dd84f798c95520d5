import type { Locator, Page } from "@playwright/test";

/** More than any page has to go through. */
const PRESSES_MAX = 80;

/** Goes on by the Tab key until something has the focus, as somebody without a mouse does. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let press = 0; press < PRESSES_MAX; press++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("The Tab key never came there.");
}
