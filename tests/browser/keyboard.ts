import type { Locator, Page } from "@playwright/test";
import { expect } from "./fixtures.ts";
import { PHONE } from "./reading.ts";

/*
 * Somebody without a mouse, on a phone. Whatever they come to must be what they see: in the window, under
 * nothing else, with a ring around it, on a page that does not move sideways.
 */

/** More than any page has to go through. */
const PRESSES_MAX = 80;

/** What WCAG asks of all that shows where one is (1.4.11). */
const CONTRAST_MIN = 3;

/** The page as such a person has it from here on. */
export async function onAPhone(page: Page, colorScheme: "light" | "dark"): Promise<void> {
  await page.setViewportSize(PHONE);
  await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
}

/** Goes on by the Tab key until something has the focus. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let press = 0; press < PRESSES_MAX; press++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`The Tab key never came to ${target}.`);
}

/** Comes to a button or a link, and presses it. */
export async function press(page: Page, target: Locator): Promise<void> {
  await comeTo(page, target);
  await page.keyboard.press("Enter");
}

/** Comes to a field, and types into it. */
export async function type(page: Page, field: Locator, text: string): Promise<void> {
  await comeTo(page, field);
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(text);
}

/** Comes to a list of choices, and types the beginning of one. */
export async function choose(page: Page, list: Locator, option: string): Promise<void> {
  await comeTo(page, list);
  await page.keyboard.type(option);
  await expect(list.locator("option:checked")).toContainText(option);
}

/** Comes to one of several that exclude each other, and goes on to another by the arrow keys. */
export async function pick(page: Page, choice: Locator): Promise<void> {
  await comeTo(page, page.getByRole("radio", { checked: true }));
  for (let presses = 0; presses < PRESSES_MAX && !(await choice.isChecked()); presses++) {
    await page.keyboard.press("ArrowDown");
  }
  await expect(choice).toBeFocused();
}

/** A sentence is read out, and whoever pressed the button goes on from where they are. */
export async function hears(page: Page, sentence: string | RegExp): Promise<void> {
  const said = page.locator("[role=status], [role=alert], [aria-live=polite]");
  await expect(said.filter({ hasText: sentence }).first()).toBeVisible();
  const isSomewhere = () => Boolean(document.activeElement?.closest("main, [role=dialog]"));
  await expect.poll(() => page.evaluate(isSomewhere), "the focus is somewhere").toBe(true);
}

async function comeTo(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target);
  await expect.poll(() => target.evaluate(whatHides, CONTRAST_MIN), `${target}`).toEqual([]);
}

/** Runs in the browser: why somebody would not see where they are, or would press too early. */
function whatHides(element: Element, contrastMin: number): string[] {
  const { innerWidth, innerHeight } = window;
  const [box = element.getBoundingClientRect()] = element.getClientRects();
  const ringed = element.matches("[data-row-link]") ? (element.closest("tr") ?? element) : element;
  const ring = getComputedStyle(ringed);
  const above = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const isIn =
    box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
  const isRinged = ring.outlineStyle !== "none" && Number.parseFloat(ring.outlineWidth) >= 2;
  const isAlive = !("next" in window) || Object.keys(element).some((key) => /^__react/.test(key));
  return [
    isAlive ? "" : "pressed in vain until the page's scripts are there",
    isIn ? "" : "outside of the window",
    !above || element.contains(above) || above.contains(element) ? "" : `under ${above.outerHTML}`,
    isRinged && contrast(ring.outlineColor, behind(ringed)) >= contrastMin ? "" : "without a ring",
    (document.scrollingElement?.scrollWidth ?? 0) <= innerWidth ? "" : "on a page that is too wide",
  ].filter(Boolean);

  function behind(it: Element): string {
    for (let each = it.parentElement; each; each = each.parentElement) {
      const { backgroundColor } = getComputedStyle(each);
      if (!/^rgba\(.*, 0\)$|^transparent$/.test(backgroundColor)) return backgroundColor;
    }
    return "white";
  }

  function contrast(one: string, other: string): number {
    const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  }

  function luminance(colour: string): number {
    const drawn = document.createElement("canvas").getContext("2d");
    if (!drawn) return 0;
    drawn.fillStyle = colour;
    drawn.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = [...drawn.getImageData(0, 0, 1, 1).data].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
}
