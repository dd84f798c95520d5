import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/* What holds for everything that is shown: it can be read by all, on a phone, by day and by night. */

export const PHONE = { width: 375, height: 812 };
export const DESKTOP = { width: 1280, height: 900 };
const COLOURS = "color-contrast";

/** Looks at a page, or at the dialog above it, narrow and wide, in light and dark. */
export async function expectReadable(page: Page, within?: string): Promise<void> {
  const part = within ? { within } : {};
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  expect(await faultsOf(page, part), "axe in light").toEqual([]);
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  expect(await faultsOf(page, { ...part, only: COLOURS }), "axe in dark").toEqual([]);
  await page.setViewportSize(PHONE);
  expect(await widthOf(page), "pixels across at 375").toBeLessThanOrEqual(PHONE.width);
  // A dialog is the same on a phone, only narrower.
  if (within) return;
  expect(await faultsOf(page, { without: COLOURS }), "axe on a phone").toEqual([]);
}

/** Colours take axe longer than all else together: once in each theme is enough. */
export async function faultsOf(
  page: Page,
  { only, without, within }: { only?: string; without?: string; within?: string } = {},
): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  if (within) axe.include(within);
  if (only) axe.withRules(only);
  if (without) axe.disableRules(without);
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.any[0]?.message ?? ""}`),
  );
}

export function widthOf(page: Page): Promise<number> {
  return page.evaluate(() => document.scrollingElement?.scrollWidth ?? 0);
}
