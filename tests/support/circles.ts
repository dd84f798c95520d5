import type { Source } from "./source.ts";

/** Files that import each other in a circle, types included: none of them can be read without the others. */
export function circles(sources: readonly Source[]): string[] {
  const importsOf = new Map(
    sources.map(({ path, imports }) => [path, imports.map(({ target }) => target)]),
  );
  const found = new Set<string>();
  const done = new Set<string>();
  const way: string[] = [];
  const walk = (path: string) => {
    if (done.has(path)) return;
    if (way.includes(path)) {
      found.add([...way.slice(way.indexOf(path)), path].join(" → "));
      return;
    }
    way.push(path);
    for (const target of importsOf.get(path) ?? []) walk(target);
    way.pop();
    done.add(path);
  };
  for (const path of importsOf.keys()) walk(path);
  return [...found];
}
