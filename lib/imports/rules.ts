/** What is known of a customer that the ordinary sync found no organization for. */
export type Unmatched = {
  readonly ref: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly isDeleted: boolean;
  /** An administrator took it from an organization: then only people link it. */
  readonly isUnlinked: boolean;
  /** The organization that the gateway's objects name. */
  readonly claim: string | null;
  readonly isClaimKnown: boolean;
  /** The organizations whose billing address, or that of an owner or billing member, is its e-mail. */
  readonly withEmail: readonly string[];
};

export type Reason =
  | "deleted"
  | "unlinked"
  | "unknown_claim"
  | "no_email"
  | "unknown_email"
  | "ambiguous"
  | "not_synced";

export type Match =
  | { readonly kind: "link"; readonly organizationId: string }
  | { readonly kind: "make"; readonly name: string; readonly reference: string | null }
  | { readonly kind: "leave"; readonly reason: Reason };

/**
 * Whose a customer is that nothing at the gateway says it of. What its objects name is never overruled
 * by an address; an address that several have is not guessed about.
 */
export function decideMatch(customer: Unmatched, makesOrganizations: boolean): Match {
  if (customer.isDeleted) return leave("deleted");
  if (customer.isUnlinked) return leave("unlinked");
  // It is linked by its own sync, which is still to come.
  if (customer.claim !== null && customer.isClaimKnown) return leave("not_synced");
  if (customer.claim !== null) {
    const reference = referenceOf(customer.claim);
    return makesOrganizations && reference ? make(customer, reference) : leave("unknown_claim");
  }
  const [only, ...others] = customer.withEmail;
  if (others.length > 0) return leave("ambiguous");
  if (only !== undefined) return { kind: "link", organizationId: only };
  if (makesOrganizations) return make(customer, null);
  return leave(customer.email === null ? "no_email" : "unknown_email");
}

function leave(reason: Reason): Match {
  return { kind: "leave", reason };
}

function make({ name, email, ref }: Unmatched, reference: string | null): Match {
  return { kind: "make", name: oneLine(name) ?? oneLine(email) ?? ref, reference };
}

/** What may be the product's own id for an organization: one that looks like ours is not. */
function referenceOf(claim: string): string | undefined {
  const reference = claim.trim();
  const isOne = reference.length <= 200 && !reference.startsWith("org_");
  return isOne && reference.isWellFormed() && reference.search(UNREADABLE) < 0
    ? reference
    : undefined;
}

const UNREADABLE = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u;

function oneLine(text: string | null): string | undefined {
  const clean = text
    ?.split(UNREADABLE)
    .join(" ")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, 119)
    .toWellFormed()
    .trim();
  return clean || undefined;
}
