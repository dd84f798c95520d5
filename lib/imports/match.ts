import { db, type Tx } from "#db/client.ts";
import type { Administrator } from "../actor.ts";
import { recordDeed } from "../audit/store.ts";
import { linkTo, organizationName } from "../billing/links-store.ts";
import { claimedOrganization } from "../billing/store.ts";
import { emailOf } from "../identity/rules.ts";
import { insertOrganization } from "../identity/store.ts";
import { ringWaiting } from "../rings/store.ts";
import { decideMatch, type Match } from "./rules.ts";
import {
  holdImport,
  type Import,
  isUntold,
  lockCustomerCalled,
  noteReason,
  organizationsWithEmail,
} from "./store.ts";

type Named = { readonly ref: string; readonly claim: string | null };
type Customer = NonNullable<Awaited<ReturnType<typeof lockCustomerCalled>>>;

/**
 * Matches one customer that the gateway says nothing of, and rings what waits for it; or notes why it
 * stays nobody's. Answers false where the import was moved or paused meanwhile: then nothing was done.
 */
export async function matchOne(read: Import, named: Named): Promise<boolean> {
  return db().transaction(async (tx) => {
    // One customer after the other, whoever works: what one makes, the next one finds.
    if (!(await holdImport(tx, read))) return false;
    const customer = await lockCustomerCalled(tx, read, named.ref);
    if (customer?.organizationId) {
      await noteReason(tx, read.id, named.ref, { reason: null, candidates: null });
      return true;
    }
    // Half of what is known of a customer would match it to somebody else.
    if (!customer || (await isUntold(tx, read, named.ref))) {
      await noteReason(tx, read.id, named.ref, { reason: "not_synced", candidates: null });
      return true;
    }
    const { match, withEmail } = await matchFor(tx, read, customer, named.claim);
    if (match.kind === "leave") {
      // What it names may have been made for another customer just now: then its own sync links it.
      if (match.reason === "not_synced") await ringWaiting(tx, read, [named.ref], "import");
      const candidates = match.reason === "ambiguous" ? withEmail : null;
      await noteReason(tx, read.id, named.ref, { reason: match.reason, candidates });
      return true;
    }
    await link(tx, read, customer, match);
    await noteReason(tx, read.id, named.ref, { reason: null, candidates: null });
    return true;
  });
}

async function matchFor(tx: Tx, read: Import, customer: Customer, claim: string | null) {
  const { ref, name, email, deletedAt, unlinkedAt } = customer;
  const withEmail = email ? await organizationsWithEmail(tx, email) : [];
  const isClaimKnown = claim !== null && (await claimedOrganization(tx, claim)) !== undefined;
  const isDeleted = deletedAt !== null;
  const isUnlinked = unlinkedAt !== null;
  const facts = { ref, name, email, isDeleted, isUnlinked, claim, isClaimKnown, withEmail };
  return { match: decideMatch(facts, read.makesOrganizations), withEmail };
}

async function link(
  tx: Tx,
  read: Import,
  customer: Customer,
  match: Exclude<Match, { kind: "leave" }>,
): Promise<void> {
  const { askedBy: actor } = read;
  const isMade = match.kind === "make";
  const organizationId = isMade ? await make(tx, actor, customer, match) : match.organizationId;
  await linkTo(tx, customer.id, organizationId, isMade ? "import_made" : "import_email");
  await recordDeed(tx, actor, {
    action: "customer.link",
    subject: customer.ref,
    organizationId,
    after: {
      organization: await organizationName(tx, organizationId),
      by: isMade ? "new organization" : "e-mail address",
      import: read.id,
    },
  });
  await ringWaiting(tx, customer, [customer.ref], "import");
}

async function make(
  tx: Tx,
  actor: Administrator,
  { email }: Customer,
  { name, reference }: Extract<Match, { kind: "make" }>,
): Promise<string> {
  const billingEmail = emailOf(email ?? "") ?? null;
  const made = await insertOrganization(tx, { name, reference, billingEmail });
  await recordDeed(tx, actor, {
    action: "organization.create",
    subject: made.id,
    organizationId: made.id,
    after: { name, slug: made.slug, reference, billingEmail },
  });
  return made.id;
}
