import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { Administrator } from "../../actor.ts";
import { recordDeed } from "../../audit/store.ts";
import { canAsk } from "../../catalogue/drift-rules.ts";
import { PAGE_MAX, type Proposal } from "../../catalogue/import-rules.ts";
import type { Place } from "../../catalogue/made-store.ts";
import {
  type Charge,
  chargeInWords,
  chargeOf,
  isAlike,
  isOnSale,
} from "../../catalogue/mirrored-rules.ts";
import { insertPlan, lockTiers, replacePrices, type TierRow } from "../../catalogue/offer-store.ts";
import { lockProduct, replaceProductPrices } from "../../catalogue/product-store.ts";
import type { PriceTerms } from "../../catalogue/rules.ts";
import { AppError } from "../../errors.ts";
import { newId } from "../../ids.ts";
import { checked, id } from "../../input.ts";
import { ring } from "../../rings/store.ts";
import { soldBy } from "../links-store.ts";
import { holdPrices, importNow, linkPrices, type SeenProposal } from "./import-store.ts";
import { soldSubject } from "./store.ts";

const placeInput = z.object({
  gateway: z.string().min(1).max(32),
  mode: z.enum(["test", "live"]),
});

const importInput = placeInput.extend({
  choices: z
    .array(
      z.object({
        code: z.string().max(64),
        /** The fingerprint of what was shown. */
        seen: z.string().max(64),
        /** The tier of a plan that is to be made; absent where its prices are linked to one that exists. */
        tierId: z.string().max(64).optional(),
      }),
    )
    .max(PAGE_MAX, "This is too much at a time."),
});

/** What an import did. */
export type Imported = {
  readonly plans: number;
  readonly prices: number;
  /** What was chosen and is not any more what was shown: left as it was. */
  readonly changed: number;
};

/**
 * Does what an import showed, of what was chosen, all or nothing. What changed since it was shown is left;
 * what was done already has nothing left to do. Whoever subscribes to a linked price follows.
 */
export async function importPrices(
  actor: Administrator,
  input: z.input<typeof importInput>,
): Promise<Imported> {
  const { choices, ...place } = checked(importInput, input);
  return db().transaction(async (tx) => {
    const tiers = await lockTiers(tx);
    const { proposals } = await importNow(tx, place);
    const once = Map.groupBy(choices, ({ code }) => code);
    const chosen = [...once].flatMap(([code, [choice, ...others]]) => {
      const proposal = proposals.find((each) => each.code === code);
      if (!choice || proposal?.seen !== choice.seen) return [];
      const other = others.find(({ tierId }) => tierId !== choice.tierId);
      if (other) throw chosenTwice(proposal, tiers, [choice.tierId, other.tierId]);
      return [{ proposal, tierId: choice.tierId }];
    });
    const unknown = chosen.find(
      ({ proposal, tierId }) => !proposal.planId && !tiers.some((tier) => tier.id === tierId),
    );
    if (unknown) {
      throw new AppError(
        "invalid_input",
        `Choose a tier that exists for ${unknown.proposal.name}.`,
      );
    }
    const refs = chosen.flatMap(({ proposal }) => proposal.links.map((link) => link.ref));
    await holdPrices(tx, place, refs);
    for (const { proposal, tierId } of chosen) await apply(tx, actor, place, proposal, tierId);
    await ringSubscribers(tx, place, refs);
    return {
      plans: chosen.filter(({ proposal }) => !proposal.planId).length,
      prices: refs.length,
      changed: once.size - chosen.length,
    };
  });
}

/** A code is one plan's, and a plan has one tier. */
function chosenTwice(
  { name, code }: SeenProposal,
  tiers: readonly TierRow[],
  chosen: readonly (string | undefined)[],
): AppError {
  const names = chosen.map((id) => tiers.find((tier) => tier.id === id)?.name ?? "none");
  const sentence = `${name} was chosen twice, for the tiers ${names.join(" and ")}; there is one plan with the code ${code}, and it has one tier. Choose one of the two.`;
  return new AppError("conflict", sentence);
}

async function apply(
  tx: Tx,
  actor: Administrator,
  place: Place,
  proposal: SeenProposal,
  tierId: string | undefined,
): Promise<void> {
  const planId = proposal.planId ?? (await makePlan(tx, proposal, tierId ?? ""));
  const added = proposal.links.flatMap(({ adds }) => (adds ? termsOf(adds) : []));
  if (added.length > 0) await addPrices(tx, place, planId, added);
  const refs = proposal.links.map(({ ref }) => ref);
  await linkPrices(tx, place, refs, planId);
  await recordDeed(tx, actor, {
    action: "plan.import",
    subject: planId,
    after: {
      code: proposal.code,
      ...(!proposal.planId && { name: proposal.name, tier: tierId }),
      linked: refs,
      prices: added.map(chargeInWords),
    },
  });
}

async function makePlan(
  tx: Tx,
  { code, name, description }: Proposal,
  tierId: string,
): Promise<string> {
  const planId = newId("pln");
  const terms = { code, name, description, tierId, trialDays: null, isPerSeat: false };
  await insertPlan(tx, { id: planId, ...terms, archivedAt: null });
  return planId;
}

/**
 * The plan asks these as well; what it asks for the same currency and period ends. One that has no prices
 * of its own asks whatever is in it, and goes on to.
 */
async function addPrices(
  tx: Tx,
  place: Place,
  planId: string,
  added: readonly PriceTerms[],
): Promise<void> {
  const { sold, mirrored } = await soldSubject(tx, place, planId);
  const inIt = mirrored.filter(isOnSale).flatMap((price) => chargeOf(price) ?? []);
  const asked = [...added];
  for (const terms of (sold.prices.length > 0 ? sold.prices : inIt).flatMap(termsOf)) {
    if (!asked.some((other) => isAlike(other, terms))) asked.push(terms);
  }
  await replacePrices(tx, planId, asked);
}

/** What is paid once is no price of a subscription. */
function termsOf(charge: Charge): PriceTerms[] {
  const { interval } = charge;
  return interval === null ? [] : [{ ...charge, interval }];
}

async function ringSubscribers(tx: Tx, place: Place, refs: readonly string[]): Promise<void> {
  const touched = await soldBy(tx, place, refs);
  await ring(tx, place, touched.refs, { cause: "mapping", evenIfKnown: true });
}

const adoptInput = placeInput.extend({
  soldId: id,
  revision: z.string().max(64),
  priceRef: z.string().min(1).max(255),
});

/** Sells here what the gateway sells: this price is asked from now on, for its currency and period. */
export async function adoptPrice(
  actor: Administrator,
  input: z.input<typeof adoptInput>,
): Promise<void> {
  const { soldId, revision, priceRef, ...place } = checked(adoptInput, input);
  await db().transaction(async (tx) => {
    await lockTiers(tx);
    const { sold, mirrored, revision: now } = await soldSubject(tx, place, soldId);
    if (now !== revision) {
      throw new AppError(
        "conflict",
        "Something changed since this page was opened, so nothing was done. Look at it as it is now.",
      );
    }
    const there = mirrored.find(({ ref }) => ref === priceRef);
    const charge = there && chargeOf(there);
    if (!charge || !canAsk(sold.noun, charge)) {
      throw new AppError("conflict", `A ${sold.noun} here cannot ask such a price.`);
    }
    if (sold.noun === "plan") await addPrices(tx, place, soldId, termsOf(charge));
    else await askOnce(tx, soldId, charge, sold.prices);
    await recordDeed(tx, actor, {
      action: `${sold.noun}.adopt_price`,
      subject: soldId,
      before: { prices: sold.prices.map(chargeInWords) },
      after: { adopted: priceRef, price: chargeInWords(charge) },
    });
  });
}

/** A one-time product asks this for its currency, and for the others what it asked before. */
async function askOnce(
  tx: Tx,
  productId: string,
  charge: Charge,
  asked: readonly Charge[],
): Promise<void> {
  await lockProduct(tx, productId);
  const others = asked.filter(({ currency }) => currency !== charge.currency);
  const wanted = [charge, ...others].map(({ currency, amountMinor }) => ({
    currency,
    amountMinor,
  }));
  await replaceProductPrices(tx, productId, wanted);
}
