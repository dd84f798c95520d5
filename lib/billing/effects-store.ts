import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import type { Change } from "#db/schema/inbox.ts";
import {
  checkouts,
  customers,
  disputes,
  invoices,
  linkConflicts,
  organizations,
  payments,
  subscriptions,
  tierChanges,
} from "#db/schema/index.ts";
import type { ObjectRef } from "../gateways/gateway.ts";
import { newId } from "../ids.ts";
import { noteNotice } from "../notices/store.ts";
import { together } from "../together.ts";
import { saveRow } from "./mirror-store.ts";
import { updateOrder } from "./ordering/store.ts";
import type { Effect, Link, Organization, Setting } from "./state.ts";

/** What the transaction is about: whose object, and what caused the look at it. */
export type Occasion = Setting & {
  organization: Organization | undefined;
  cause: string;
  syncId: string | null;
};

/** Rings that a decision asks for: done last by the caller, in the order that rows are locked. */
export type Rings = { refs: readonly ObjectRef[]; evenIfKnown: boolean }[];

/** What is still to be rung for what was decided. */
export function ringsOf(effects: readonly Effect[]): Rings {
  return effects.filter((effect) => effect.kind === "ring");
}

/** Does what was decided, all in the caller's transaction; rings are the caller's. */
export async function applyEffects(
  tx: Tx,
  occasion: Occasion,
  effects: readonly Effect[],
): Promise<void> {
  // None needs the answer of another, so they travel together.
  await together(
    effects.map((effect) =>
      effect.kind === "ring" ? undefined : applyEffect(tx, occasion, effect),
    ),
  );
}

async function applyEffect(
  tx: Tx,
  occasion: Occasion,
  effect: Exclude<Effect, { kind: "ring" }>,
): Promise<void> {
  switch (effect.kind) {
    case "save_subscription":
      return saveRow(tx, subscriptions, "sub", effect.row);
    case "save_invoice":
      return saveRow(tx, invoices, "ivc", effect.row);
    case "save_payment":
      return saveRow(tx, payments, "pay", effect.row);
    case "save_dispute":
      return saveRow(tx, disputes, "dsp", effect.row);
    case "save_checkout":
      return saveRow(tx, checkouts, "chk", effect.row);
    case "save_order":
      return updateOrder(tx, effect.row);
    case "set_tier":
      return setTier(tx, occasion, effect);
    case "notice": {
      const organizationId = effect.organizationId ?? occasion.organization?.id;
      if (!organizationId) return;
      const fact = { kind: effect.notice, object: effect.object, attempt: effect.attempt };
      await noteNotice(tx, { ...fact, organizationId });
    }
  }
}

async function setTier(
  tx: Tx,
  occasion: Occasion,
  effect: Extract<Effect, { kind: "set_tier" }>,
): Promise<void> {
  const { organization, now } = occasion;
  if (!organization) return;
  const moved = effect.tierId !== effect.fromTierId;
  const saved = tx
    .update(organizations)
    .set({
      tierId: effect.tierId,
      tierValidUntil: effect.validUntil,
      ...(moved ? { tierSince: now } : {}),
    })
    .where(eq(organizations.id, organization.id));
  const told = moved
    ? tx.insert(tierChanges).values({
        id: newId("tch"),
        organizationId: organization.id,
        fromTierId: effect.fromTierId,
        toTierId: effect.tierId,
        at: sql`clock_timestamp()`,
        because: effect.because,
        cause: occasion.cause,
        syncId: occasion.syncId,
      })
    : undefined;
  await together([saved, told]);
}

/** Writes down whose a customer is; its row must be locked. Never moves one that is linked. */
export async function applyLink(
  tx: Tx,
  link: Link,
  ref: string,
  organizationName: string,
): Promise<Change[]> {
  if (link.kind === "link") {
    await tx
      .update(customers)
      .set({
        organizationId: link.organizationId,
        linkSource: link.source,
        linkedAt: sql`clock_timestamp()`,
      })
      .where(eq(customers.id, link.customer.id));
    const record = `customer ${link.customer.ref}`;
    return [{ record, field: "organization", before: null, after: organizationName }];
  }
  if (link.kind === "conflict") {
    await tx
      .insert(linkConflicts)
      .values({
        id: newId("cus"),
        customerId: link.customer.id,
        claimedOrganizationId: link.claimed,
        source: link.source,
        ref,
      })
      .onConflictDoNothing();
  }
  return [];
}

/** Only drafts are ever deleted: nobody owes one any more. */
export async function voidInvoice(
  tx: Tx,
  place: Pick<Setting, "gateway" | "mode">,
  ref: string,
): Promise<Change[]> {
  const rows = await tx
    .update(invoices)
    .set({ status: "void" })
    .where(
      and(
        eq(invoices.gateway, place.gateway),
        eq(invoices.mode, place.mode),
        eq(invoices.ref, ref),
        eq(invoices.status, "draft"),
      ),
    )
    .returning({ number: invoices.number });
  return rows.map(({ number }) => ({
    record: `invoice ${number ?? ref}`,
    field: "status",
    before: "draft",
    after: "void",
  }));
}
