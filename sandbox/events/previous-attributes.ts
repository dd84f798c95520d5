/**
 * What an object said before, of that which it says differently now: nested objects by their changed
 * members only, lists whole, as Stripe writes `previous_attributes`.
 */
export function previousAttributes(before: object, after: object): Record<string, unknown> {
  const previous: Record<string, unknown> = {};
  const now = new Map<string, unknown>(Object.entries(after));
  for (const [name, was] of Object.entries(before)) {
    const is = now.get(name);
    now.delete(name);
    if (JSON.stringify(was) === JSON.stringify(is)) continue;
    previous[name] = isPlain(was) && isPlain(is) ? previousAttributes(was, is) : was;
  }
  for (const [name, is] of now) if (is !== undefined) previous[name] = null;
  return previous;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  // A decimal is one value, whatever it is made of.
  return !("toJSON" in value);
}
