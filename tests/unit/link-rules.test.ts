import { describe, expect, test } from "vitest";
import { decideLink, type LinkInput } from "#lib/billing/link-rules.ts";
import type { Customer } from "#lib/billing/state.ts";
import type { Claim } from "#lib/gateways/gateway.ts";
import { inDays } from "#tests/support/billing-state.ts";

/** A customer that nobody owns yet. */
function customer(what: Partial<Customer> = {}): Customer {
  return { id: "cus_ours", ref: "cus_1", organizationId: null, unlinkedAt: null, ...what };
}

/** Subscription sub_1 of a customer that nobody owns, which says nothing about whose it is. */
function linkOf(what: Partial<LinkInput> = {}) {
  return decideLink({
    name: "subscription sub_1",
    customerRef: "cus_1",
    customer: customer(),
    claim: undefined,
    claimed: undefined,
    inherited: undefined,
    ...what,
  });
}

const sources = ["checkout", "subscription_metadata", "customer_metadata"] as const;

/** A claim of Acme that holds: there is such an organization. */
function acme(source: Claim["source"] = "checkout") {
  return { claim: { organization: "acme", source }, claimed: "org_acme" };
}

const unlinked = customer({ unlinkedAt: inDays(-1) });

describe("a customer that nobody owns", () => {
  test.each(sources)("is linked by the claim of a %s", (source) => {
    expect(linkOf(acme(source))).toEqual({
      kind: "link",
      customer: customer(),
      organizationId: "org_acme",
      source,
    });
  });

  test("waits under its name while nothing says whose it is", () => {
    expect(linkOf()).toEqual({
      kind: "waiting",
      waitingFor: "cus_1",
      reason: {
        code: "unknown_customer",
        sentence: "Unknown customer: cus_1 belongs to no organization yet.",
      },
    });
  });

  test.each([
    ["checkout", "The checkout's reference"],
    ["subscription_metadata", "The subscription's metadata"],
    ["customer_metadata", "The customer's metadata"],
  ] as const)("waits where a %s names no organization of ours, with the name", (source, place) => {
    expect(linkOf({ claim: { organization: "acme gmbh", source } })).toEqual({
      kind: "waiting",
      waitingFor: "cus_1",
      reason: {
        code: "unknown_organization",
        sentence: `${place} names "acme gmbh", which is no organization here.`,
      },
    });
  });

  test("is not given to the owner of the thing that its object belongs to", () => {
    expect(linkOf({ inherited: "org_acme" }).kind).toBe("waiting");
  });
});

describe("a customer that an organization owns", () => {
  const owned = customer({ organizationId: "org_acme" });

  test.each([
    ["says nothing", {}],
    ["says the same", acme()],
    ["names nobody here", { claim: { organization: "nobody", source: "checkout" } as const }],
  ])("owns an object that %s", (_what, said) => {
    expect(linkOf({ customer: owned, ...said })).toEqual({
      kind: "owned",
      organizationId: "org_acme",
    });
  });

  test.each(sources)("stays where it is when a %s claims it for another", (source) => {
    const claim = { organization: "globex", source };

    expect(linkOf({ customer: owned, claim, claimed: "org_globex" })).toEqual({
      kind: "conflict",
      customer: owned,
      organizationId: "org_acme",
      claimed: "org_globex",
      source,
    });
  });
});

describe("a customer that an administrator unlinked", () => {
  test.each([
    ["nothing", {}],
    ["a checkout's claim", acme("checkout")],
    ["a subscription's claim", acme("subscription_metadata")],
    ["its own claim", acme("customer_metadata")],
    ["an inheritance", { inherited: "org_acme" }],
  ])("is linked again by no event: %s", (_what, said) => {
    expect(linkOf({ customer: unlinked, ...said })).toEqual({
      kind: "waiting",
      waitingFor: "cus_1",
      reason: {
        code: "unlinked",
        sentence:
          "An administrator unlinked this customer, so only an administrator can link it again.",
      },
    });
  });

  test("and linked again by hand is owned like any other", () => {
    const again = { ...unlinked, organizationId: "org_acme" };

    expect(linkOf({ customer: again })).toEqual({ kind: "owned", organizationId: "org_acme" });
  });
});

describe("an object without a customer", () => {
  const nobody = { name: "payment pi_1", customerRef: null, customer: undefined };

  test("belongs to the organization that it names", () => {
    expect(linkOf({ ...nobody, ...acme() })).toEqual({ kind: "owned", organizationId: "org_acme" });
  });

  test("belongs to the owner of the thing that it belongs to", () => {
    expect(linkOf({ ...nobody, inherited: "org_acme" })).toEqual({
      kind: "owned",
      organizationId: "org_acme",
    });
  });

  test("belongs to whom it names before whom it inherits from", () => {
    const link = linkOf({ ...nobody, ...acme(), inherited: "org_globex" });

    expect(link).toEqual({ kind: "owned", organizationId: "org_acme" });
  });

  test("is nobody's, and says so, where nothing says more", () => {
    expect(linkOf(nobody)).toEqual({
      kind: "waiting",
      waitingFor: undefined,
      reason: {
        code: "no_customer",
        sentence: "The payment pi_1 names no customer, so it is nobody's yet.",
      },
    });
  });

  test("names the organization that is not here, where it claims one", () => {
    const claim = { organization: "acme gmbh", source: "checkout" } as const;

    expect(linkOf({ ...nobody, claim })).toMatchObject({
      kind: "waiting",
      waitingFor: undefined,
      reason: { code: "unknown_organization" },
    });
  });
});
