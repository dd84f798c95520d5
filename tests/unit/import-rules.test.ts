import { describe, expect, test } from "vitest";
import { decideMatch, type Unmatched } from "#lib/imports/rules.ts";

function customer(changes: Partial<Unmatched> = {}): Unmatched {
  return {
    ...{ ref: "cus_1", name: "Acme", email: "ana@acme.example" },
    ...{ isDeleted: false, isUnlinked: false, claim: null, isClaimKnown: false },
    withEmail: [],
    ...changes,
  };
}

const reasonOf = (changes: Partial<Unmatched>, makes = true) => {
  const match = decideMatch(customer(changes), makes);
  return match.kind === "leave" ? match.reason : match.kind;
};

describe("whose a customer is that nothing at the gateway says it of", () => {
  test("is the one organization with its address", () => {
    expect(decideMatch(customer({ withEmail: ["org_1"] }), true)).toEqual({
      kind: "link",
      organizationId: "org_1",
    });
  });

  test.each([
    ["deleted", { isDeleted: true, withEmail: ["org_1"] }],
    ["unlinked", { isUnlinked: true, withEmail: ["org_1"] }],
    ["ambiguous", { withEmail: ["org_1", "org_2"] }],
    ["not_synced", { claim: "org_1", isClaimKnown: true, withEmail: ["org_2"] }],
    ["unknown_claim", { claim: "org_elsewhere", withEmail: ["org_2"] }],
    ["unknown_claim", { claim: "customer\u202e42" }],
    ["unknown_claim", { claim: "x".repeat(201) }],
  ] as const)("is told as %s, and never guessed nor made: %j", (reason, changes) => {
    expect(reasonOf(changes)).toBe(reason);
  });

  test("is nobody, with the reason, where no organizations are made", () => {
    expect(reasonOf({}, false)).toBe("unknown_email");
    expect(reasonOf({ email: null }, false)).toBe("no_email");
    expect(reasonOf({ claim: "customer-42", withEmail: ["org_1"] }, false)).toBe("unknown_claim");
  });

  test.each([
    [{}, "Acme", null],
    [{ name: null }, "ana@acme.example", null],
    [{ name: " \u0000 ", email: null }, "cus_1", null],
    [{ name: "Acme\u202e\n  Ltd" }, "Acme Ltd", null],
    [{ claim: " customer-42 " }, "Acme", "customer-42"],
  ] as const)("is an organization of its own: %j", (changes, name, reference) => {
    expect(decideMatch(customer(changes), true)).toEqual({ kind: "make", name, reference });
  });

  test("has a name that fits, however long the gateway's is", () => {
    const match = decideMatch(customer({ name: "😀".repeat(500) }), true);

    expect(match.kind === "make" && match.name.length).toBeLessThanOrEqual(120);
    expect(match.kind === "make" && match.name.isWellFormed()).toBe(true);
  });
});
