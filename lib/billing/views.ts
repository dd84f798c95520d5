import { and, desc, eq, ne, sql } from "drizzle-orm";
import { db, snapshot, type Tx } from "#db/client.ts";
import { byTime, microsOf } from "#db/keyset.ts";
import {
  entitlements,
  invoices,
  organizations,
  payments,
  plans,
  subscriptions,
  tiers,
} from "#db/schema/index.ts";
import type { Administrator, Member } from "../actor.ts";
import { AppError } from "../errors.ts";
import type { Mode } from "../gateways/gateway.ts";
import { seatsBought } from "../identity/seats/store.ts";
import { type PageRequest, pageOf, writePosition } from "../keyset.ts";
import { unnamed } from "../seats.ts";
import { together } from "../together.ts";
import { modeFor } from "./asking/authority.ts";
import { entitlementsOf } from "./entitlements.ts";
import { openComp } from "./granting/comp-store.ts";
import { withSeats } from "./seat-rules.ts";
import { isGiven } from "./tier-rules.ts";

const LIST_MAX = 50;

/** An administrator names the organization; a member has only their own. */
export type Reader = { actor: Member } | { actor: Administrator; organizationId: string };

export type BillingOverview = NonNullable<Awaited<ReturnType<typeof findBilling>>>;
export type HeldSubscription = BillingOverview["subscriptions"][number];

/**
 * What an organization has, why and until when. Amounts are left out for members who only use it. Read
 * as of one moment: a sync that commits meanwhile is shown whole or not at all.
 */
export async function findBilling(reader: Reader, mode: Mode, now: Date = new Date()) {
  const [billing] = await findBillingBeside(reader, mode, async () => undefined, now);
  return billing;
}

/** The same as of one moment with what is read beside it. */
export async function findBillingBeside<T>(
  reader: Reader,
  mode: Mode,
  beside: (tx: Tx) => Promise<T>,
  now: Date = new Date(),
) {
  const read = () => snapshot((tx) => together([billingOf(tx, reader, mode), beside(tx)]));
  const found = await read();
  const until = found[0]?.organization.tierValidUntil;
  if (!until || until > now) return found;
  // Whose tier has run out gets the one that holds now, here as in the product.
  await entitlementsOf(organizationOf(reader));
  return read();
}

async function billingOf(tx: Tx, reader: Reader, mode: Mode) {
  const id = organizationOf(reader);
  const [organization, allowed, bought, held, comp] = await together([
    organizationRow(tx, id),
    everyEntitlement(tx),
    seatsBought(tx, id),
    subscriptionsOf(tx, id, mode),
    openComp(tx, id),
  ]);
  if (!organization) return undefined;
  return {
    organization,
    entitlements: withSeats(ofTier(allowed, organization.tier.id), bought),
    subscriptions: await withOverdue(tx, held, reader),
    comp: comp && givenNow(comp, organization),
  };
}

/** What is given free of charge now, and whether it is why the tier is what it is. */
function givenNow(
  open: NonNullable<Awaited<ReturnType<typeof openComp>>>,
  { tier, tierValidUntil: heldUntil }: NonNullable<Awaited<ReturnType<typeof organizationRow>>>,
) {
  const { name, endsAt } = open;
  return { name, endsAt, isInForce: isGiven(open, { heldTierId: tier.id, heldUntil }) };
}

async function organizationRow(tx: Tx, id: string) {
  const [organization] = await tx
    .select({
      id: organizations.id,
      name: organizations.name,
      slug: organizations.slug,
      tier: { id: tiers.id, code: tiers.code, name: tiers.name, description: tiers.description },
      tierSince: organizations.tierSince,
      tierValidUntil: organizations.tierValidUntil,
    })
    .from(organizations)
    .innerJoin(tiers, eq(tiers.id, organizations.tierId))
    .where(eq(organizations.id, id));
  return organization;
}

/** An organization's invoices, the newest first. Drafts are the gateway's business until issued. */
export async function listInvoices(
  reader: Reader,
  mode: Mode,
  request: PageRequest = {},
  tx: Tx = db(),
) {
  requireMoney(reader);
  const { where, orderBy, limit } = byTime(invoices.issuedAt, invoices.id, request);
  const rows = await tx
    .select({
      id: invoices.id,
      ref: invoices.ref,
      number: invoices.number,
      status: invoices.status,
      currency: invoices.currency,
      totalMinor: invoices.totalMinor,
      amountRemainingMinor: invoices.amountRemainingMinor,
      attemptCount: invoices.attemptCount,
      issuedAt: invoices.issuedAt,
      dueAt: invoices.dueAt,
      paidAt: invoices.paidAt,
      hostedUrl: invoices.hostedUrl,
      pdfUrl: invoices.pdfUrl,
      micros: microsOf(invoices.issuedAt),
    })
    .from(invoices)
    .where(
      and(
        eq(invoices.organizationId, organizationOf(reader)),
        eq(invoices.mode, mode),
        sql`${invoices.status} <> 'draft' and ${invoices.issuedAt} is not null`,
        where,
      ),
    )
    .orderBy(orderBy)
    .limit(limit);
  return pageOf(rows, request, (row) => writePosition(row.micros, row.id));
}

/** One invoice of the organization; nothing for anybody else's. */
export async function findInvoice(reader: Reader, id: string) {
  requireMoney(reader);
  const mode = modeFor(reader.actor);
  const [invoice] = await db()
    .select()
    .from(invoices)
    .where(
      and(
        eq(invoices.id, id),
        eq(invoices.organizationId, organizationOf(reader)),
        mode && eq(invoices.mode, mode),
      ),
    );
  if (!invoice) return undefined;
  return { ...invoice, payment: await lastPayment(db(), invoice) };
}

export function organizationOf(reader: Reader): string {
  return "organizationId" in reader ? reader.organizationId : reader.actor.organizationId;
}

/** Whether somebody may see what is paid: members who only use it may not. */
export function seesMoney({ actor }: Reader): boolean {
  return actor.kind === "administrator" || actor.role !== "member";
}

/** Throws `not_allowed` for members who only use what others pay for. */
export function requireMoney(reader: Reader): void {
  if (!seesMoney(reader)) {
    throw new AppError("not_allowed", "Only owners and billing members see invoices.");
  }
}

/** What a tier allows, features before limits; of what only other tiers name, what it allows without. */
export async function entitlementsOfTier(tierId: string, tx: Tx = db()) {
  return ofTier(await everyEntitlement(tx), tierId);
}

function everyEntitlement(tx: Tx) {
  return tx
    .select({
      tierId: entitlements.tierId,
      key: entitlements.key,
      name: entitlements.name,
      kind: entitlements.kind,
      isIncluded: entitlements.isIncluded,
      limitValue: entitlements.limitValue,
    })
    .from(entitlements)
    .orderBy(entitlements.kind, entitlements.name);
}

function ofTier(all: Awaited<ReturnType<typeof everyEntitlement>>, tierId: string) {
  return [...Map.groupBy(all, (each) => each.key).values()].flatMap((same) => {
    const own = same.find((each) => each.tierId === tierId);
    const [other] = same;
    return own ?? (other ? { ...other, ...unnamed(other.key) } : []);
  });
}

/** Subscriptions of an organization, those that matter now first. */
async function subscriptionsOf(tx: Tx, organizationId: string, mode: Mode) {
  return tx
    .select({
      id: subscriptions.id,
      gateway: subscriptions.gateway,
      mode: subscriptions.mode,
      ref: subscriptions.ref,
      status: subscriptions.status,
      quantity: subscriptions.quantity,
      priceRef: subscriptions.priceRef,
      periodStart: subscriptions.periodStart,
      periodEnd: subscriptions.periodEnd,
      trialEnd: subscriptions.trialEnd,
      startedAt: subscriptions.startedAt,
      cancelAt: subscriptions.cancelAt,
      endedAt: subscriptions.endedAt,
      pastDueSince: subscriptions.pastDueSince,
      unpaidChange: subscriptions.unpaidChange,
      isProvisional: subscriptions.isProvisional,
      plan: { id: plans.id, code: plans.code, name: plans.name },
    })
    .from(subscriptions)
    .leftJoin(plans, eq(plans.id, subscriptions.planId))
    .where(and(eq(subscriptions.organizationId, organizationId), eq(subscriptions.mode, mode)))
    .orderBy(
      sql`array_position(array['past_due','active','trialing','unpaid','paused','incomplete','canceled'], ${subscriptions.status})`,
      sql`${subscriptions.startedAt} desc nulls last`,
      desc(subscriptions.id),
    )
    .limit(LIST_MAX);
}

type Row = Awaited<ReturnType<typeof subscriptionsOf>>[number];

/** Each subscription with the invoice that is to be paid for it to be in order again. */
async function withOverdue(tx: Tx, rows: readonly Row[], reader: Reader) {
  const all = [];
  for (const { unpaidChange, ...row } of rows) {
    const isOwed = row.status === "past_due" || row.status === "unpaid";
    const unpaid =
      isOwed && seesMoney(reader)
        ? await overdueInvoice(tx, row, unpaidChange?.invoiceRef ?? null)
        : undefined;
    all.push({ ...row, unpaid });
  }
  return all;
}

/**
 * The oldest invoice of a subscription whose payment was tried and failed, with the reason of the last
 * attempt; not that of a change, without which it goes on as well.
 */
async function overdueInvoice(
  tx: Tx,
  { gateway, mode, ref }: Pick<Row, "gateway" | "mode" | "ref">,
  ofChange: string | null,
) {
  const [invoice] = await tx
    .select()
    .from(invoices)
    .where(
      and(
        eq(invoices.gateway, gateway),
        eq(invoices.mode, mode),
        eq(invoices.subscriptionRef, ref),
        eq(invoices.status, "open"),
        sql`${invoices.attemptCount} > 0 and ${invoices.amountRemainingMinor} > 0`,
        ofChange === null ? undefined : ne(invoices.ref, ofChange),
      ),
    )
    .orderBy(sql`${invoices.issuedAt} asc nulls last`)
    .limit(1);
  if (!invoice) return undefined;
  const payment = await lastPayment(tx, invoice);
  return { ...invoice, failureMessage: payment?.failureMessage ?? null };
}

/** The last attempt to pay an invoice, found among its organization's payments. */
async function lastPayment(tx: Tx, invoice: typeof invoices.$inferSelect) {
  const [payment] = await tx
    .select()
    .from(payments)
    .where(
      and(
        eq(payments.organizationId, invoice.organizationId ?? ""),
        eq(payments.gateway, invoice.gateway),
        eq(payments.mode, invoice.mode),
        eq(payments.invoiceRef, invoice.ref),
      ),
    )
    .orderBy(sql`${payments.startedAt} desc nulls last`)
    .limit(1);
  return payment;
}
