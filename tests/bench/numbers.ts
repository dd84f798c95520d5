/** The middle of them; of an even number, the mean of both middles. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? Number.NaN;
  return Number.isInteger(half) ? ((sorted[half - 1] ?? Number.NaN) + upper) / 2 : upper;
}

/** The smallest number that so large a share of them does not exceed. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** `4.3 times (3.7 to 4.4)`: how every figure of several rounds is told. */
export function medianAndRange(
  numbers: readonly number[],
  unit: string,
  say: (value: number) => string = whole,
): string {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const range = numbers.length > 1 ? ` (${say(low)} to ${say(high)})` : "";
  return `${say(median(numbers))} ${unit}${range}`;
}

/** `12,345`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** So many decimals, for `medianAndRange`. */
export function decimals(count: number): (value: number) => string {
  return (value) => value.toFixed(count);
}

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]) {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
