import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { Administrator } from "../actor.ts";
import { recordDeed } from "../audit/store.ts";
import { AppError } from "../errors.ts";
import { newId } from "../ids.ts";
import { checked, line, prose, refusedField } from "../input.ts";
import { refuseUnseen } from "../seen.ts";
import { code, currency } from "./commands.ts";
import {
  insertPlan,
  lockPlan,
  lockTiers,
  type PlanRow,
  planWithCode,
  pricesOnSale,
  replacePrices,
  type TierRow,
  updatePlan,
} from "./offer-store.ts";
import { type PriceTerms, priceInWords, priceKey } from "./rules.ts";
import { planShown } from "./shown-rules.ts";
import { subscriptionsOfPlan } from "./views.ts";

const price = z.object({
  currency,
  amountMinor: z
    .number("Give an amount.")
    .int("Give an amount.")
    .min(0, "Give 0 or more.")
    .max(1e14, "This is too much."),
  interval: z.enum(["month", "year"], "Choose monthly or yearly."),
  intervalCount: z.number().int().min(1).max(36).default(1),
});

const plan = z.object({
  code,
  name: line("a name", 80),
  description: prose(500).default(""),
  tierId: z.string("Choose a tier."),
  trialDays: z
    .number("Give a number of days.")
    .int("Give whole days.")
    .min(1, "Give 1 day or more, or leave it empty.")
    .max(730, "Give 730 days or fewer.")
    .nullable()
    .optional(),
  isPerSeat: z.boolean().optional(),
  prices: z.array(price).max(50, "A plan can have 50 prices.").default([]),
});

export type PlanInput = z.input<typeof plan>;

/** Makes a plan with its prices. */
export async function createPlan(actor: Administrator, input: PlanInput): Promise<{ id: string }> {
  const { prices, ...terms } = checked(plan, input);
  refuseRepeated(prices);
  return db().transaction(async (tx) => {
    await requireTier(tx, terms.tierId);
    const { trialDays = null, isPerSeat = false } = terms;
    const row = { ...terms, trialDays, isPerSeat, id: newId("pln"), archivedAt: null };
    await refuseTakenCode(tx, row);
    await insertPlan(tx, row);
    await replacePrices(tx, row.id, prices);
    const after = { ...terms, prices: prices.map(priceInWords) };
    await recordDeed(tx, actor, { action: "plan.create", subject: row.id, after });
    return { id: row.id };
  });
}

/**
 * Changes a plan. Prices that change end and begin anew. The tier of a plan that somebody subscribes to
 * stays: a gateway's price is moved to another plan instead, which recomputes everybody it touches.
 */
export async function editPlan(
  actor: Administrator,
  input: PlanInput & { planId: string; seen?: string },
): Promise<void> {
  const edited = plan.extend({ planId: z.string(), seen: z.string().max(64).optional() });
  const { planId, seen, prices, ...terms } = checked(edited, input);
  refuseRepeated(prices);
  await changePlan(planId, async (tx, held) => {
    const tiers = await requireTier(tx, terms.tierId);
    const { trialDays = held.trialDays, isPerSeat = held.isPerSeat } = terms;
    const row = { ...held, ...terms, trialDays, isPerSeat };
    const asked = await pricesOnSale(tx, planId);
    const tierOf = (plan: PlanRow) => tiers.find(({ id }) => id === plan.tierId);
    const now = planShown(held, tierOf(held), asked);
    refuseUnseen(seen, now, planShown(row, tierOf(row), prices));
    if (terms.tierId !== held.tierId) await refuseWhileSubscribed(tx, held);
    await refuseTakenCode(tx, row);
    await updatePlan(tx, row);
    await replacePrices(tx, planId, prices);
    await recordDeed(tx, actor, {
      action: "plan.edit",
      subject: planId,
      before: { ...held, prices: asked.map(priceInWords) },
      after: { ...row, prices: prices.map(priceInWords) },
    });
  });
}

/** Takes a plan off sale. Those who subscribe to it keep it. */
export async function archivePlan(actor: Administrator, input: { planId: string }): Promise<void> {
  await setArchived(actor, input, new Date());
}

/** Puts an archived plan on sale again. */
export async function unarchivePlan(
  actor: Administrator,
  input: { planId: string },
): Promise<void> {
  await setArchived(actor, input, null);
}

async function setArchived(
  actor: Administrator,
  input: { planId: string },
  archivedAt: Date | null,
): Promise<void> {
  const { planId } = checked(z.object({ planId: z.string() }), input);
  await changePlan(planId, async (tx, held) => {
    if (Boolean(held.archivedAt) === Boolean(archivedAt)) return;
    await updatePlan(tx, { ...held, archivedAt });
    await recordDeed(tx, actor, {
      action: archivedAt ? "plan.archive" : "plan.unarchive",
      subject: planId,
      before: { archivedAt: held.archivedAt },
      after: { code: held.code, archivedAt },
    });
  });
}

async function changePlan(
  id: string,
  change: (tx: Tx, held: PlanRow) => Promise<void>,
): Promise<void> {
  await db().transaction(async (tx) => {
    const held = /^pln_\w+$/.test(id) ? await lockPlan(tx, id) : undefined;
    if (!held) throw new AppError("not_found", "There is no such plan.");
    await change(tx, held);
  });
}

async function requireTier(tx: Tx, id: string): Promise<TierRow[]> {
  const tiers = await lockTiers(tx);
  if (tiers.some((tier) => tier.id === id)) return tiers;
  const sentence = "Choose a tier that exists.";
  throw refusedField("tierId", sentence);
}

async function refuseTakenCode(tx: Tx, plan: PlanRow): Promise<void> {
  const other = await planWithCode(tx, plan.code);
  if (!other || other.id === plan.id) return;
  const sentence = `${other.name} has this code already.`;
  throw refusedField("code", sentence, "conflict");
}

async function refuseWhileSubscribed(tx: Tx, plan: PlanRow): Promise<void> {
  if ((await subscriptionsOfPlan(tx, plan.id)) === 0) return;
  const sentence =
    "Organizations subscribe to this plan, so its tier stays. Make another plan and put the gateway's price into that one.";
  throw refusedField("tierId", sentence, "conflict");
}

function refuseRepeated(prices: readonly PriceTerms[]): void {
  const keys = prices.map(priceKey);
  const repeated = keys.findIndex((key, index) => keys.indexOf(key) < index);
  if (repeated < 0) return;
  const sentence = "There is such a price already: one per currency and period.";
  throw refusedField(`prices.${repeated}.amount`, sentence);
}
