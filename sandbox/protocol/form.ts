/** What a form says: text, or a tree of it. */
export type Form = { [name: string]: Form | string | (Form | string)[] };

type Node = Map<string, Node> | string;

/**
 * Reads a form or a query as Stripe does: `a[b]=c` nests, `a[]=b` and `a[0]=b` make lists, and so does
 * `a[][b]=c`, where a name that comes again begins the next item. Metadata is never a list.
 */
export function readForm(encoded: string): Form {
  const root = new Map<string, Node>();
  for (const [key, value] of new URLSearchParams(encoded)) place(root, stepsOf(key), value);
  return treeOf(root);
}

function stepsOf(key: string): string[] {
  const open = key.indexOf("[");
  if (open <= 0 || !key.endsWith("]")) return [key];
  return [key.slice(0, open), ...key.slice(open + 1, -1).split("][")];
}

function place(node: Map<string, Node>, [step = "", ...rest]: string[], value: string): void {
  const name = step === "" ? itemFor(node, rest) : step;
  if (rest.length === 0) {
    node.set(name, value);
    return;
  }
  const held = node.get(name);
  const inner = held instanceof Map ? held : new Map<string, Node>();
  node.set(name, inner);
  place(inner, rest, value);
}

/** The number of the item that `[]` means: the last one while it lacks the name that follows. */
function itemFor(node: Map<string, Node>, [next]: string[]): string {
  const last = node.get(String(node.size - 1));
  const isOpen = next !== undefined && last instanceof Map && !last.has(next);
  return String(isOpen ? node.size - 1 : node.size);
}

function treeOf(node: Map<string, Node>): Form {
  return Object.fromEntries(
    [...node].map(([name, inner]) => [
      name,
      typeof inner === "string" ? inner : isList(name, inner) ? listOf(inner) : treeOf(inner),
    ]),
  );
}

function isList(name: string, node: Map<string, Node>): boolean {
  return name !== "metadata" && [...node.keys()].every((key) => /^\d{1,6}$/.test(key));
}

function listOf(node: Map<string, Node>): (Form | string)[] {
  return [...node]
    .toSorted(([one], [other]) => Number(one) - Number(other))
    .map(([, inner]) => (typeof inner === "string" ? inner : treeOf(inner)));
}
