import { describe, expect, test } from "vitest";
import { compose } from "#tests/bench/compose.ts";
import type { Figure, Plot } from "#tests/bench/figure.ts";
import { FIGURES } from "#tests/bench/figures.ts";
import { draw } from "#tests/bench/plot.ts";
import type { Recorded } from "#tests/bench/record.ts";
import { textOf } from "#tests/support/source.ts";

const plot: Plot = {
  name: "speed",
  title: "Speed over weight",
  x: { label: "weight, kg" },
  y: { label: "speed, km/h", scale: "log" },
  series: [
    {
      name: "horses",
      points: [
        { x: 400, y: 60, low: 50, high: 70 },
        { x: 600, y: 40 },
      ],
    },
    { name: "ponies", points: [{ x: 200, y: 30 }] },
  ],
  aim: { at: 45, words: "aim: 45 km/h" },
};

const horses: Figure<{ speeds: number[] }> = {
  name: "horses",
  heading: "How fast horses run",
  measure: async () => ({ speeds: [] }),
  report: ({ speeds }) => ({
    figures: [
      { what: "fastest", measured: `${Math.max(...speeds)} km/h`, aim: "50 km/h", holds: true },
      { what: "slowest", measured: `${Math.min(...speeds)} km/h`, aim: "50 km/h", holds: false },
      { what: "runs", measured: String(speeds.length) },
    ],
    body: "They ran.",
    plots: [plot],
  }),
};
const cows: Figure<unknown> = { ...horses, name: "cows", heading: "Cows", report: horses.report };

function record(changes: Partial<Recorded> = {}): Recorded {
  return {
    figure: "horses",
    measuredAt: "2026-11-22T05:58:11.216Z",
    commit: "bd0f784f0da479d1b855fc7af21d9f2a14a1e262",
    dirty: false,
    machine: { processors: 2, model: "A processor", memoryBytes: 8 * 2 ** 30, system: "linux x64" },
    versions: { node: "v24.21.0", next: "16.4.5", postgres: "18.4" },
    loadAverage: { before: 0.2, after: 2.1 },
    options: { rounds: 5, seconds: 4, connections: 128 },
    run: { speeds: [48, 61] },
    ...changes,
  };
}

describe("the page of benchmarks", () => {
  const { text, plots } = compose([cows, horses], [record()]);

  test("has every figure in one table, with its aim and whether it holds", () => {
    expect(text).toContain(
      [
        "| figure | measured | aim | holds |",
        "| --- | --- | --- | --- |",
        "| [How fast horses run](#how-fast-horses-run): fastest | 61 km/h | 50 km/h | yes |",
        "| [How fast horses run](#how-fast-horses-run): slowest | 48 km/h | 50 km/h | **no** |",
        "| [How fast horses run](#how-fast-horses-run): runs | 2 | – | – |",
      ].join("\n"),
    );
  });

  test("has a section for each figure that was measured, with its numbers, its picture and where it ran", () => {
    const [, section = ""] = text.split("\n## ");

    expect(section).toMatch(/^How fast horses run\n/);
    expect(section).toContain("They ran.");
    expect(section).toContain("![Speed over weight](benchmarks/speed.svg)");
    expect(section).toContain("[horses.json](benchmarks/horses.json)");
    expect(section).toContain("2026-11-22 05:58 UTC, commit bd0f784:");
    expect(section).toContain("PostgreSQL 18.4");
    expect(text).not.toContain("Cows");
  });

  test("says in the caption of a picture which run it was drawn from", () => {
    expect(plots).toEqual([{ plot, caption: "horses.json, 2026-11-22 05:58 UTC, commit bd0f784" }]);
  });

  test("says when others were busy, or when files had been changed", () => {
    const loadAverage = { before: 6.1, after: 7.9 };
    const rough = compose([horses], [record({ loadAverage, dirty: true })]);

    expect(text).not.toContain("Others were busy");
    expect(rough.text).toContain("Others were busy");
    expect(rough.text).toContain("Files had been changed");
    expect(rough.plots[0]?.caption).toMatch(/with changes, while others were busy$/);
  });

  test("takes the figure before in the same run for nobody else", () => {
    const loadAverage = { before: 3.2, after: 3.4 };
    const told = (busyBefore: number) => compose([horses], [record({ loadAverage, busyBefore })]);

    expect(told(0.02).text).not.toContain("Others were busy");
    expect(told(0.4).text).toContain("Others were busy on the machine** (40 % of its processors");
  });

  test("says how fast the machine was", () => {
    const told = compose([horses], [record({ yardstickMs: { before: 51.4, after: 60 } })]);

    expect(told.text).toContain("; the yardstick took 51 ms before, 60 ms after.*");
    expect(text).not.toContain("yardstick took");
  });
});

describe("a plot", () => {
  const svg = draw(plot, "horses.json, some day");

  test("is an SVG on a background of its own, with its words: axes, units, series, aim and caption", () => {
    expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 \d+ \d+"/);
    expect(svg).toMatch(/<rect width="\d+" height="\d+" x="0" y="0" fill="#ffffff"/);
    for (const words of [
      "Speed over weight",
      "weight, kg",
      "speed, km/h",
      "horses",
      "ponies",
      "aim: 45 km/h",
      "horses.json, some day",
    ]) {
      expect(svg).toContain(`>${words}</text>`);
    }
  });

  test("stands its bars over names", () => {
    const bars: Plot = {
      ...plot,
      kind: "bar",
      series: [
        {
          name: "speed",
          points: [
            { x: "a cow", y: 20 },
            { x: "a horse", y: 60 },
          ],
        },
      ],
    };

    const drawn = draw(bars, "");

    expect(drawn).toContain(">a cow</text>");
    expect(drawn).toContain(">a horse</text>");
  });

  test("is the same for the same numbers", () => {
    expect(draw(plot, "once")).toBe(draw(plot, "once"));
  });
});

test("every figure has a name and a heading of its own", () => {
  const unique = (of: (figure: Figure<unknown>) => string) => new Set(FIGURES.map(of)).size;

  expect(unique(({ name }) => name)).toBe(FIGURES.length);
  expect(unique(({ heading }) => heading)).toBe(FIGURES.length);
});

test("docs/benchmarks.md is what the raw numbers say", () => {
  const names = FIGURES.map(({ name }) => `docs/benchmarks/${name}.json`);
  const kept = names.flatMap((name) => {
    try {
      return [JSON.parse(textOf(name))];
    } catch {
      return [];
    }
  });

  expect(kept.length).toBeGreaterThan(0);
  expect(textOf("docs/benchmarks.md")).toBe(compose(FIGURES, kept).text);
});
