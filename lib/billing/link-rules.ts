import type { Claim } from "../gateways/gateway.ts";
import type { Customer, Link } from "./state.ts";

/** What is known about whose an object is, before anything is decided. */
export type LinkInput = {
  /** What people call the object, for the sentence: "payment pi_1". */
  name: string;
  customerRef: string | null;
  customer: Customer | undefined;
  /** What the object itself says. */
  claim: Claim | undefined;
  /** The organization that the claim names, where there is one. */
  claimed: string | undefined;
  /** Where there is no customer: the owner of the thing it belongs to, such as a checkout's. */
  inherited: string | undefined;
};

/**
 * Whose an object is. The first link of a customer wins and no event moves it, since anybody can
 * append a reference to a payment link; what contradicts is for an administrator.
 */
export function decideLink(input: LinkInput): Link {
  const { customer, claim, claimed } = input;
  if (customer?.organizationId) {
    const organizationId = customer.organizationId;
    if (claim && claimed && claimed !== organizationId) {
      return { kind: "conflict", customer, organizationId, claimed, source: claim.source };
    }
    return { kind: "owned", organizationId };
  }
  if (customer?.unlinkedAt) return { kind: "waiting", waitingFor: customer.ref, reason: UNLINKED };
  if (customer && claim && claimed) {
    return { kind: "link", customer, organizationId: claimed, source: claim.source };
  }
  if (!customer && claimed) return { kind: "owned", organizationId: claimed };
  if (!customer && input.inherited) return { kind: "owned", organizationId: input.inherited };
  return { kind: "waiting", waitingFor: input.customerRef ?? undefined, reason: why(input) };
}

const UNLINKED = {
  code: "unlinked",
  sentence: "An administrator unlinked this customer, so only an administrator can link it again.",
};

function why(input: LinkInput): { code: string; sentence: string } {
  if (input.claim && !input.claimed) {
    const place = {
      checkout: "The checkout's reference",
      subscription_metadata: "The subscription's metadata",
      customer_metadata: "The customer's metadata",
    }[input.claim.source];
    return {
      code: "unknown_organization",
      sentence: `${place} names "${input.claim.organization}", which is no organization here.`,
    };
  }
  if (!input.customerRef) {
    return {
      code: "no_customer",
      sentence: `The ${input.name} names no customer, so it is nobody's yet.`,
    };
  }
  return {
    code: "unknown_customer",
    sentence: `Unknown customer: ${input.customerRef} belongs to no organization yet.`,
  };
}
