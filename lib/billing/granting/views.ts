import { and, asc, desc, eq, gt, isNull, sql } from "drizzle-orm";
import { db, snapshot, type Tx } from "#db/client.ts";
import { payments, plans, subscriptions, tiers } from "#db/schema/index.ts";
import type { Administrator } from "../../actor.ts";
import type { Mode } from "../../gateways/gateway.ts";
import { timeOfId } from "../../ids.ts";
import { subjectOf } from "../asking/subject.ts";
import { whyTier } from "../clock.ts";
import { planNameOf } from "../ending/store.ts";
import { findPayer } from "../paying/store.ts";
import { seenComps } from "./comp-store.ts";
import { refundable, refundBlocker, trialBlocker } from "./rules.ts";
import { creditorOf, refundingOf } from "./store.ts";

const SHOWN_MAX = 20;

export type Granting = Awaited<ReturnType<typeof findGranting>>;

/** All that an administrator can give an organization, each with the revision that its form carries. */
export async function findGranting(
  actor: Administrator,
  { organizationId, mode }: { readonly organizationId: string; readonly mode: Mode },
) {
  return snapshot(async (tx) => {
    const payer = await findPayer(tx, organizationId, mode);
    const seen = await seenComps(tx, organizationId);
    const sold = await offered(tx);
    return {
      ...seen,
      offered: sold,
      chosen: chosenIn(seen.open, sold),
      creditor: payer && (await creditorOf(tx, organizationId, payer.customer.id)),
      trials: await trialsOf(tx, actor, { organizationId, mode }),
      refundable: await refundablePayments(tx, organizationId, mode),
      why: await whyOf(actor, organizationId, tx),
    };
  });
}

/** Why an organization is on its tier: the rule, and who gave it what, where somebody did. */
export async function whyOf(_actor: Administrator, organizationId: string, tx: Tx = db()) {
  const [because, { open }] = [
    await whyTier(tx, organizationId),
    await seenComps(tx, organizationId),
  ];
  return { because, comp: open };
}

/** A payment of the organization with what is left of it to give back; undefined for nobody's. */
export async function findRefunding(
  _actor: Administrator,
  { organizationId, paymentId }: { readonly organizationId: string; readonly paymentId: string },
) {
  if (!timeOfId(paymentId)) return undefined;
  const { payment, disputes, revision } = await refundingOf(db(), organizationId, paymentId);
  const blocker = refundBlocker(payment, disputes);
  return { payment, revision, leftMinor: refundable(payment), blocker };
}

/** Plans on sale, the highest tier first, and the tiers that somebody could have besides. */
async function offered(tx: Tx) {
  const [all, levels] = [
    await tx
      .select({ id: plans.id, name: plans.name, tier: tiers.name })
      .from(plans)
      .innerJoin(tiers, eq(tiers.id, plans.tierId))
      .where(and(isNull(plans.archivedAt), eq(tiers.isDefault, false)))
      .orderBy(desc(tiers.rank), asc(plans.name)),
    await tx
      .select({ id: tiers.id, name: tiers.name })
      .from(tiers)
      .where(eq(tiers.isDefault, false))
      .orderBy(desc(tiers.rank)),
  ];
  return { plans: all, tiers: levels };
}

/** What is given now, to be given for longer: its tier where its plan is off sale. */
function chosenIn(
  open: { readonly planId: string | null; readonly tierId: string } | undefined,
  { plans: sold }: Awaited<ReturnType<typeof offered>>,
): string {
  if (!open) return "";
  return sold.find(({ id }) => id === open.planId)?.id ?? open.tierId;
}

async function trialsOf(
  tx: Tx,
  actor: Administrator,
  { organizationId, mode }: { readonly organizationId: string; readonly mode: Mode },
) {
  const rows = await tx
    .select({ id: subscriptions.id })
    .from(subscriptions)
    .where(
      and(
        eq(subscriptions.organizationId, organizationId),
        eq(subscriptions.mode, mode),
        eq(subscriptions.status, "trialing"),
      ),
    )
    .orderBy(desc(subscriptions.id))
    .limit(SHOWN_MAX);
  const trials = [];
  for (const { id } of rows) {
    const { subscription, revision } = await subjectOf(tx, actor, organizationId, id);
    const planName = await planNameOf(tx, subscription);
    trials.push({ subscription, revision, planName, blocker: trialBlocker(subscription) });
  }
  return trials;
}

/** The newest payments of which something is left to give back. */
async function refundablePayments(tx: Tx, organizationId: string, mode: Mode) {
  return tx
    .select()
    .from(payments)
    .where(
      and(
        eq(payments.organizationId, organizationId),
        eq(payments.mode, mode),
        eq(payments.status, "succeeded"),
        gt(payments.amountMinor, payments.refundedMinor),
      ),
    )
    .orderBy(sql`${payments.startedAt} desc nulls last`, desc(payments.id))
    .limit(SHOWN_MAX);
}
