import type { Tx } from "#db/client.ts";
import type { Change } from "#db/schema/inbox.ts";
import { savePrice, saveProduct } from "../catalogue/store.ts";
import type { Gone, Mode, ObjectRef, ObjectType, Snapshot } from "../gateways/gateway.ts";
import { together } from "../together.ts";
import { saveCustomer } from "./customer-store.ts";
import { applyEffects, applyLink, type Rings, ringsOf, voidInvoice } from "./effects-store.ts";
import { decideLink } from "./link-rules.ts";
import { decide, decideOrder, decideTier } from "./rules.ts";
import type {
  Decision,
  Link,
  Organization,
  OwnedSnapshot,
  Reason,
  Setting,
  State,
} from "./state.ts";
import { loadOrder, loadState } from "./state-store.ts";
import {
  claimedOrganization,
  customerRefOf,
  holdNames,
  inheritedOrganization,
  type LockedCustomer,
  lockCustomer,
  lockOrganization,
} from "./store.ts";

/** What applying a snapshot came to. */
export type Projection = {
  outcome: "changed" | "unchanged" | "waiting";
  changes: Change[];
  reason: Reason | undefined;
  organizationId: string | null;
  organizationName: string | null;
  waitingFor: string | null;
  /** What became known: whatever waits under one of these names is to be rung. */
  wakes: string[];
  rings: Rings;
  /**
   * Writes what was decided. Nobody decides by it any more, so that it travels with what the caller
   * writes; the caller locks the object rows after it.
   */
  write: () => Promise<void>;
};

export type ProjectionSetting = Setting & { tierMode: Mode; cause: string; syncId: string };

/**
 * Applies one snapshot inside the caller's transaction: whose is it, what follows; then the caller has
 * it written. Locks the customer, then the organization; the caller locks the object rows afterwards.
 */
export async function project(
  tx: Tx,
  setting: ProjectionSetting,
  snapshot: Snapshot,
  provisional?: State["provisional"],
): Promise<Projection> {
  if (snapshot.kind === "price" || snapshot.kind === "product") {
    const save = snapshot.kind === "price" ? savePrice : saveProduct;
    return settled(await save(tx, setting.gateway, setting.mode, snapshot as never));
  }
  const { link, customer } = await linkOf(tx, setting, snapshot);
  const organization = await lockOwner(tx, link, customer);
  const own =
    snapshot.kind === "customer" && customer ? await saveCustomer(tx, customer.id, snapshot) : [];
  if (link.kind === "waiting") {
    const decision = await orderAlone(tx, setting, snapshot);
    return waiting(snapshot, link, {
      changes: [...own, ...decision.changes],
      rings: ringsOf(decision.effects),
      write: () => applyEffects(tx, { ...setting, organization: undefined }, decision.effects),
    });
  }

  const names = wakesOf(snapshot, link);
  const [linked, loaded] = await together([
    applyLink(tx, link, snapshot.ref, organization?.name ?? ""),
    loadState(tx, setting, organization, snapshot, provisional, names),
  ]);
  const decision = decide(loaded.state, snapshot);
  const changes = [...own, ...linked, ...decision.changes];
  return {
    outcome: changes.length > 0 ? "changed" : "unchanged",
    changes,
    reason: conflictOf(link) ?? decision.reason,
    organizationId: organization?.id ?? null,
    organizationName: organization?.name ?? null,
    waitingFor: null,
    wakes: loaded.isAwaited && (changes.length > 0 || setting.wasAway) ? names : [],
    rings: [...ringsOf(decision.effects), { refs: loaded.unknownLinks, evenIfKnown: false }],
    write: () => applyEffects(tx, { ...setting, organization }, decision.effects),
  };
}

/** Applies that an object was deleted at its gateway. */
export async function projectGone(
  tx: Tx,
  setting: ProjectionSetting,
  type: ObjectType,
  gone: Gone,
): Promise<Projection> {
  const deleted = { ref: gone.ref, deleted: true } as const;
  if (type === "price") return settled(await savePrice(tx, setting.gateway, setting.mode, deleted));
  if (type === "product") {
    return settled(await saveProduct(tx, setting.gateway, setting.mode, deleted));
  }
  if (type === "customer") {
    const customer = await lockCustomer(tx, setting, gone.ref);
    return settled(await saveCustomer(tx, customer.id, undefined));
  }
  return settled(type === "invoice" ? await voidInvoice(tx, setting, gone.ref) : []);
}

/** Recomputes one organization's tier from what is held; for the clock, a mapping, an unlinking. */
export async function recomputeTier(
  tx: Tx,
  setting: Setting & { tierMode: Mode; cause: string; syncId: string | null },
  organizationId: string,
): Promise<{ organization: Organization; changes: Change[] } | undefined> {
  const organization = await lockOrganization(tx, organizationId);
  if (!organization) return undefined;
  const { state } = await loadState(tx, setting, organization, undefined, undefined);
  const decision = decideTier(state);
  await applyEffects(tx, { ...setting, organization }, decision.effects);
  return { organization, changes: decision.changes };
}

/** The organization that an object is of: locked with its customer, unless it was not the customer's. */
async function lockOwner(tx: Tx, link: Link, customer: LockedCustomer | undefined) {
  if (!("organizationId" in link)) return undefined;
  const own = customer?.organization;
  return own?.id === link.organizationId ? own : lockOrganization(tx, link.organizationId);
}

type Place = Pick<Setting, "gateway" | "mode">;

async function linkOf(
  tx: Tx,
  setting: Place,
  snapshot: OwnedSnapshot,
): Promise<{ link: Link; customer: LockedCustomer | undefined }> {
  await holdNames(tx, setting, sharedNames(snapshot));
  const customerRef = await customerRefOf(tx, setting, snapshot);
  const claim = "claim" in snapshot && counts(snapshot) ? snapshot.claim : undefined;
  const [customer, claimed] = await together([
    customerRef ? lockCustomer(tx, setting, customerRef) : undefined,
    claim ? claimedOrganization(tx, claim.organization) : undefined,
  ]);
  const link = decideLink({
    name: `${snapshot.kind} ${snapshot.ref}`,
    customerRef,
    customer,
    claim,
    claimed,
    inherited: customer ? undefined : await inheritedOrganization(tx, setting, snapshot),
  });
  return { link, customer };
}

/** A page that nobody completed links nobody. */
function counts(snapshot: OwnedSnapshot): boolean {
  return snapshot.kind !== "checkout" || snapshot.status === "complete";
}

/**
 * What an object waits under: a customer's ref is a name by itself; where no customer is named, the
 * payment of a dispute or the checkout of a payment will say whose it is, and a checkout waits for the
 * organization that it names.
 */
function waitsUnder(snapshot: OwnedSnapshot): string | null {
  if (snapshot.kind === "dispute" && snapshot.paymentRef) return `payment:${snapshot.paymentRef}`;
  if (snapshot.kind === "payment") return `checkout:${snapshot.ref}`;
  if (snapshot.kind === "checkout" && counts(snapshot) && snapshot.claim) {
    return `organization:${snapshot.claim.organization}`;
  }
  return null;
}

/** The names by which objects without a customer find their owner, whichever comes first. */
function sharedNames(snapshot: OwnedSnapshot): string[] {
  if (snapshot.kind === "payment") return [`payment:${snapshot.ref}`, `checkout:${snapshot.ref}`];
  if (snapshot.kind !== "dispute" && snapshot.kind !== "checkout") return [];
  const { kind, paymentRef } = snapshot;
  if (!paymentRef) return [];
  return [kind === "dispute" ? `payment:${paymentRef}` : `checkout:${paymentRef}`];
}

function wakesOf(snapshot: OwnedSnapshot, link: Link): string[] {
  const wakes = link.kind === "link" ? [link.customer.ref] : [];
  if (snapshot.kind === "payment") wakes.push(`payment:${snapshot.ref}`);
  if (snapshot.kind === "checkout" && snapshot.paymentRef) {
    wakes.push(`checkout:${snapshot.paymentRef}`);
  }
  return wakes;
}

function conflictOf(link: Link): Reason | undefined {
  if (link.kind !== "conflict") return undefined;
  return {
    code: "link_conflict",
    sentence: `${link.customer.ref} belongs to another organization already; this claim did not move it.`,
  };
}

/**
 * An order is its organization's own, and follows its page and its payment even after the customer was
 * taken from that organization: money that goes back goes back from the order.
 */
async function orderAlone(
  tx: Tx,
  setting: Setting,
  snapshot: OwnedSnapshot,
): Promise<Pick<Decision, "effects" | "changes">> {
  if (snapshot.kind !== "checkout" && snapshot.kind !== "payment") {
    return { effects: [], changes: [] };
  }
  return decideOrder({ ...setting, order: await loadOrder(tx, setting, snapshot) }, snapshot);
}

function waiting(
  snapshot: OwnedSnapshot,
  link: Extract<Link, { kind: "waiting" }>,
  { changes, rings, write }: Pick<Projection, "changes" | "rings" | "write">,
): Projection {
  return {
    outcome: "waiting",
    changes,
    reason: link.reason,
    organizationId: null,
    organizationName: null,
    waitingFor: link.waitingFor ?? waitsUnder(snapshot),
    wakes: [],
    rings: [...rings, { refs: whoMayTell(snapshot, link.waitingFor), evenIfKnown: false }],
    write,
  };
}

/** The customer's own metadata may say whose an object is; so may the payment of a dispute. */
function whoMayTell(snapshot: OwnedSnapshot, customerRef: string | undefined): ObjectRef[] {
  if (snapshot.kind === "customer") return [];
  if (customerRef) return [{ type: "customer", ref: customerRef }];
  return snapshot.kind === "dispute" && snapshot.paymentRef
    ? [{ type: "payment", ref: snapshot.paymentRef }]
    : [];
}

function settled(changes: Change[]): Projection {
  return {
    outcome: changes.length > 0 ? "changed" : "unchanged",
    changes,
    reason: undefined,
    organizationId: null,
    organizationName: null,
    waitingFor: null,
    wakes: [],
    rings: [],
    write: nothing,
  };
}

async function nothing(): Promise<void> {}
