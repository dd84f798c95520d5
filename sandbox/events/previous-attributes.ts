/**
 * What an object said before, of that which it says differently now. Members are told whole. Stripe cuts
 * nested objects down to what changed, with null for what was not there: which is no longer of the type
 * that its SDK declares, and a client that believes the declarations fails over it.
 */
export function previousAttributes(before: object, after: object): Record<string, unknown> {
  const now = new Map<string, unknown>(Object.entries(after));
  return Object.fromEntries(
    Object.entries(before).filter(
      ([name, was]) => JSON.stringify(was) !== JSON.stringify(now.get(name)),
    ),
  );
}
