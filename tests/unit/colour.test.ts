import fc from "fast-check";
import { expect, test } from "vitest";
import { contrast, inkOn, isColour, shadesOf } from "#lib/colour.ts";
import { textOf } from "#tests/support/source.ts";

const anyColour = fc
  .integer({ min: 0, max: 0xffffff })
  .map((number) => `#${number.toString(16).padStart(6, "0")}`);

/** Both values of a colour in app/globals.css. */
function token(name: string): { light: string; dark: string } {
  const match = new RegExp(`--color-${name}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(
    textOf("app/globals.css"),
  );
  return { light: match?.[1] ?? "", dark: match?.[2] ?? "" };
}

test("whatever colour an operator chooses, every word in it can be read, in both themes", () => {
  const surfaces = ["canvas", "surface", "raised", "sunken", "hover"].map(token);
  expect(surfaces.every(({ light, dark }) => isColour(light) && isColour(dark))).toBe(true);

  fc.assert(
    fc.property(anyColour, fc.constantFrom("light", "dark"), (colour, theme) => {
      const shades = shadesOf(colour, theme);
      const pairs = [
        [shades.on, shades.accent],
        [shades.on, shades.hover],
        [shades.text, shades.soft],
        ...surfaces.map((surface) => [shades.text, surface[theme]]),
      ] as const;
      return pairs.every(([one = "", other = ""]) => contrast(one, other) >= 4.5);
    }),
    { numRuns: 3_000 },
  );
});

test("a colour that can be read is left as it was chosen", () => {
  expect(shadesOf("#1d4ed8", "light")).toMatchObject({ accent: "#1d4ed8", text: "#1d4ed8" });
  expect(shadesOf("#8fbaff", "dark")).toMatchObject({ accent: "#8fbaff", text: "#8fbaff" });
});

test("a colour that cannot be read is moved only as far as reading demands", () => {
  const pale = shadesOf("#ffd84d", "light");
  const deep = shadesOf("#00007f", "dark");

  expect([pale.accent, deep.accent]).toEqual(["#ffd84d", "#00007f"]);
  for (const [text, ground] of [
    [pale.text, pale.soft],
    [deep.text, deep.soft],
  ] as const) {
    expect(contrast(text, ground)).toBeGreaterThan(4.5);
    expect(contrast(text, ground)).toBeLessThan(6);
  }
});

test("contrast is what WCAG says", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  expect([inkOn("#ffff00"), inkOn("#00007f")]).toEqual(["#000000", "#ffffff"]);
});

test.each(["red", "#12345", "#1234567", "#12345g", "#123456;}", "", null, undefined])(
  "%s is no colour",
  (text) => {
    expect(isColour(text)).toBe(false);
  },
);
