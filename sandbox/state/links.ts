import type { Kind } from "./kinds.ts";

/** Members by which objects are asked for most, in all kinds that have them. */
const LINKS = ["customer", "invoice"] as const;
export type Link = (typeof LINKS)[number];

/** Who names whom, so that asking for one customer's objects does not look at everybody's. */
export type Links = {
  /** Takes note that an object is another now; undefined where there was or is none. */
  change(kind: Kind, before: { id: string } | undefined, after: { id: string } | undefined): void;
  /** The ids of a kind's objects that name this one, oldest first. */
  of(kind: Kind, link: Link, id: string): string[];
  clear(): void;
};

export function createLinks(): Links {
  const named = new Map<string, Set<string>>();
  /** When an id was first seen: an object that is given to another customer keeps its age. */
  const ages = new Map<string, number>();

  function change(kind: Kind, before: { id: string } | undefined, after: typeof before): void {
    const id = after?.id ?? before?.id ?? "";
    if (!ages.has(id)) ages.set(id, ages.size);
    for (const link of LINKS) {
      const was = before && targetOf(before, link);
      const is = after && targetOf(after, link);
      if (was === is) continue;
      if (was !== undefined) named.get(`${kind} ${link} ${was}`)?.delete(id);
      if (is === undefined) continue;
      const key = `${kind} ${link} ${is}`;
      const ids = named.get(key);
      if (ids) ids.add(id);
      else named.set(key, new Set([id]));
    }
  }

  return {
    change,
    of: (kind, link, id) =>
      [...(named.get(`${kind} ${link} ${id}`) ?? [])].toSorted(
        (one, other) => (ages.get(one) ?? 0) - (ages.get(other) ?? 0),
      ),
    clear: () => {
      named.clear();
      ages.clear();
    },
  };
}

function targetOf(object: object, link: Link): string | undefined {
  const target: unknown = Reflect.get(object, link);
  return typeof target === "string" ? target : undefined;
}
