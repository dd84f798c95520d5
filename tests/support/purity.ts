import type { Source } from "./source.ts";

/** Files that decide or put into words: values in, values out. */
const PURE = /^lib\/(?:.+\/)?(?:(?:[a-z-]+-)?rules|rows|words)\.ts$/;

const IMPURE =
  /^(?:Date\.(?:now|\*)|Math\.random|new Date\(\)|Date\(\)|(?:performance|crypto)\..+)$/;

export function isPure(path: string): boolean {
  return PURE.test(path);
}

/**
 * Clocks, randomness, databases and packages that a pure file reaches: by itself or through whatever
 * it imports, since a clock two files away makes the same answer differ. Types cost nothing.
 */
export function purityFaults(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  return sources
    .filter(({ path }) => isPure(path))
    .flatMap((source) => reach(source, [source.path], byPath, new Set()));
}

function reach(
  source: Source,
  way: readonly string[],
  byPath: ReadonlyMap<string, Source>,
  seen: Set<string>,
): string[] {
  if (seen.has(source.path)) return [];
  seen.add(source.path);
  const through = way.length > 1 ? ` (reached by ${way.join(" → ")})` : "";
  const used = source.uses
    .filter(({ name }) => IMPURE.test(name) || name.startsWith("process."))
    .map(({ line, name }) => `${source.path}:${line} uses ${name}${through}`);
  const imported = source.imports
    .filter((found) => !found.isType)
    .flatMap((found) => {
      const place = `${source.path}:${found.line} imports "${found.specifier}"${through}`;
      if (!found.isOurs || found.target.startsWith("db/")) return [place];
      const next = byPath.get(found.target);
      return next ? reach(next, [...way, next.path], byPath, seen) : [place];
    });
  return [...used, ...imported];
}
