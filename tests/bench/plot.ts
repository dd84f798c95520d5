import { type EChartsOption, init, type SeriesOption } from "echarts";
import type { Axis, Plot, Series } from "./figure.ts";

const SIZE = { width: 760, height: 440 };
/** On a background of its own, so that it reads on light pages and on dark ones. */
const PAPER = "#ffffff";
const INK = "#1f2328";
const PALE = "#57606a";
const GRID = "#d8dee4";
/** Told apart without seeing red and green alike. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
const SHAPES = ["circle", "rect", "triangle", "diamond", "pin", "arrow"];
const FONT = "system-ui, -apple-system, 'Segoe UI', sans-serif";

/** Draws a plot as an SVG file's text; the same plot always gives the same text. */
export function draw(plot: Plot, caption: string): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, ...SIZE });
  try {
    chart.setOption(optionsOf(plot, caption));
    return `${named(stillOf(chart.renderToSVGString()), plot.title)}\n`;
  } finally {
    chart.dispose();
  }
}

/** Who cannot see the picture hears its title. */
function named(svg: string, title: string): string {
  const text = title.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return svg.replace(/^<svg [^>]*>/, (opening) => `${opening}\n<title>${text}</title>`);
}

/**
 * Takes away what is for the mouse, which a picture in a page never hears of, and the numbers that the
 * library gives its drawings in this process.
 */
function stillOf(svg: string): string {
  return svg
    .replace(/ class="zr\d+-cls-\d+"/g, "")
    .replace(/<style[\s\S]*?<\/style>\n?/, "")
    .replace(/\bzr\d+-/g, "");
}

function optionsOf(plot: Plot, caption: string): EChartsOption {
  const isBars = plot.kind === "bar";
  return {
    animation: false,
    backgroundColor: PAPER,
    color: COLOURS,
    textStyle: { fontFamily: FONT, color: INK },
    title: [
      { text: plot.title, left: 16, top: 12, textStyle: { fontSize: 15, color: INK } },
      {
        text: caption,
        left: 16,
        bottom: 8,
        textStyle: { fontSize: 11, color: PALE, fontWeight: "normal" },
      },
    ],
    legend: { top: 40, left: 12, show: plot.series.length > 1, textStyle: { color: INK } },
    grid: { left: 72, right: 32, top: plot.series.length > 1 ? 82 : 60, bottom: 82 },
    xAxis: {
      type: isBars ? "category" : (plot.x.scale ?? "linear") === "log" ? "log" : "value",
      ...axis(plot.x, isBars ? 42 : 32),
    },
    yAxis: {
      type: plot.y.scale === "log" ? "log" : "value",
      ...axis(plot.y, 52),
      minorSplitLine: { show: false },
    },
    series: plot.series.flatMap((series, at) => drawn(series, at, plot)),
  };
}

function axis({ label }: Axis, gap: number) {
  return {
    name: label,
    nameLocation: "middle" as const,
    nameGap: gap,
    nameTextStyle: { color: INK },
    axisLabel: { color: INK, hideOverlap: true },
    axisLine: { show: true, lineStyle: { color: PALE } },
    splitLine: { lineStyle: { color: GRID } },
  };
}

function drawn(series: Series, at: number, plot: Plot): SeriesOption[] {
  const data = series.points.map(({ x, y }) => [x, y]);
  const aim = at === 0 ? aimOf(plot) : {};
  const ranges = series.points.filter(({ low, high }) => low !== undefined && high !== undefined);
  const colour = COLOURS[at % COLOURS.length] ?? INK;
  const main: SeriesOption =
    plot.kind === "bar"
      ? {
          type: "bar",
          name: series.name,
          data,
          barMaxWidth: 56,
          itemStyle: { color: colour },
          ...aim,
        }
      : {
          type: "line",
          name: series.name,
          data,
          clip: false,
          itemStyle: { color: colour },
          lineStyle: { color: colour },
          symbol: SHAPES[at % SHAPES.length] ?? "circle",
          showSymbol: data.length <= 60,
          symbolSize: 7,
          ...aim,
        };
  if (ranges.length === 0 || plot.kind === "bar") return [main];
  return [main, ...ranges.map(({ x, low = 0, high = 0 }) => whisker(x, low, high, colour))];
}

/** The range over the rounds, as a line through the point. */
function whisker(x: number | string, low: number, high: number, color: string): SeriesOption {
  return {
    type: "line",
    data: [
      [x, low],
      [x, high],
    ],
    clip: false,
    symbol: "none",
    silent: true,
    lineStyle: { color, width: 1.5, opacity: 0.6 },
  };
}

function aimOf({ aim }: Plot): object {
  if (!aim) return {};
  return {
    markLine: {
      symbol: "none",
      silent: true,
      lineStyle: { color: INK, type: "dashed" },
      label: { formatter: aim.words, position: "insideEndTop", color: INK },
      data: [{ yAxis: aim.at }],
    },
  };
}
