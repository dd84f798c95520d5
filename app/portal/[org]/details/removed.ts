/** Before the name of a tax id that is to be removed: what its box is called in the form. */
export const REMOVED = "removed:";

/** Which tax ids a form wants removed: each box that is ticked is a field of its own. */
export function removedIn(fields: Readonly<Record<string, string>>): string[] {
  return Object.keys(fields).flatMap((name) =>
    name.startsWith(REMOVED) ? [name.slice(REMOVED.length)] : [],
  );
}
