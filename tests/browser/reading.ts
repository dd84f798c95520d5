import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { expect, type Page } from "@playwright/test";
import type axe from "axe-core";

/* What holds for everything that is shown: it can be read by all, on a phone, by day and by night. */

export const PHONE = { width: 375, height: 812 };
export const DESKTOP = { width: 1280, height: 900 };
const COLOURS = "color-contrast";
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Looks at a page, or at the dialog above it, narrow and wide, in light and dark. */
export async function expectReadable(page: Page, within?: string): Promise<void> {
  const size = page.viewportSize() ?? DESKTOP;
  const part = within ? { within } : {};
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  expect(await faultsOf(page, part), "axe in light").toEqual([]);
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  expect(await faultsOf(page, { ...part, only: COLOURS }), "axe in dark").toEqual([]);
  await page.setViewportSize(PHONE);
  expect(await widthOf(page), "pixels across at 375").toBeLessThanOrEqual(PHONE.width);
  // A dialog is the same on a phone, only narrower.
  if (!within) expect(await faultsOf(page, { without: COLOURS }), "axe on a phone").toEqual([]);
  await page.setViewportSize(size);
}

/** Colours take axe longer than all else together: once in each theme is enough. */
export async function faultsOf(
  page: Page,
  { only, without, within }: { only?: string; without?: string; within?: string } = {},
): Promise<string[]> {
  // Evaluated rather than added as a script, which the pages' own policy forbids.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(await source());
  const options: axe.RunOptions = {
    resultTypes: ["violations"],
    ...(only && { runOnly: [only] }),
    ...(without && { rules: { [without]: { enabled: false } } }),
  };
  const { violations } = await page.evaluate<axe.AxeResults, [string, axe.RunOptions]>(
    ([root, how]) => (window as unknown as { axe: typeof axe }).axe.run(root, how),
    [within ?? "html", options],
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.any[0]?.message ?? ""}`),
  );
}

let read: Promise<string> | undefined;
function source(): Promise<string> {
  read ??= readFile(AXE, "utf8");
  return read;
}

export function widthOf(page: Page): Promise<number> {
  return page.evaluate(() => document.scrollingElement?.scrollWidth ?? 0);
}
