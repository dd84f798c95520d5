import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { intentionOf, keyOf, type Plain, revisionOf } from "#lib/billing/asking/intention.ts";

const runs = { numRuns: Number(process.env.PROPERTY_RUNS ?? 200), endOnFailure: true };

const leaf = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
);
const { plain } = fc.letrec<{ plain: Plain }>((tie) => ({
  plain: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie("plain"), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 5 }), tie("plain"), { maxKeys: 4 }),
  ),
}));

const wish = fc.record({
  kind: fc.constantFrom("subscription.change", "subscription.cancel"),
  gateway: fc.constantFrom("stripe", "paypal"),
  mode: fc.constantFrom("test", "live"),
  object: fc.constantFrom("subscription:sub_1", "subscription:sub_2"),
  wanted: plain,
  revision: fc.constantFrom("aaa", "bbb"),
});

/** What JSON makes of a value with its members in order: equal exactly where the values are. */
function written(value: Plain): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

function turned(value: Plain): Plain {
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(turned);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, turned(member)]),
  );
}

describe("an intention", () => {
  test("is the same for the same wish, in whatever order its members are", () => {
    fc.assert(
      fc.property(wish, (one) => {
        expect(intentionOf({ ...one, wanted: turned(one.wanted) })).toBe(intentionOf(one));
      }),
      runs,
    );
  });

  test("is another for every other wish, object, gateway, mode and state", () => {
    fc.assert(
      fc.property(wish, wish, (one, other) => {
        const isSame = written({ ...one }) === written({ ...other });
        expect(intentionOf(one) === intentionOf(other)).toBe(isSame);
      }),
      runs,
    );
  });

  test("gives each step a key of its own, which a gateway can take", () => {
    fc.assert(
      fc.property(wish, (one) => {
        const intention = intentionOf(one);
        expect(keyOf(intention, "release")).not.toBe(keyOf(intention, "change"));
        expect(keyOf(intention, "change")).toBe(keyOf(intentionOf(one), "change"));
        expect(keyOf(intention, "change").length).toBeLessThanOrEqual(255);
      }),
      runs,
    );
  });
});

describe("a revision", () => {
  test("is another as soon as anything of the state moves, or a command is settled", () => {
    fc.assert(
      fc.property(plain, plain, fc.nat(50), fc.nat(50), (state, other, settled, later) => {
        const isSame = written(state) === written(other) && settled === later;
        expect(revisionOf(state, settled) === revisionOf(other, later)).toBe(isSame);
      }),
      runs,
    );
  });
});
