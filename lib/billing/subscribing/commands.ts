import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import { AppError } from "../../errors.ts";
import { checked, id } from "../../input.ts";
import { productSettings } from "../../settings/views.ts";
import { pageOf } from "../asking/answer.ts";
import { ask, changedMeanwhile } from "../asking/ask.ts";
import { type Asker, askedFor } from "../asking/authority.ts";
import type { CommandRow } from "../asking/kind.ts";
import { pageToGoOnWith } from "../asking/pages.ts";
import { openPage } from "../asking/pages-store.ts";
import { type Choice, choiceOf, placeOf, type Seller, sellerIn } from "./choice.ts";
import { type CheckoutPlan, sellsTheSame } from "./plan.ts";
import { costInWords } from "./rules.ts";
import { organizationOf, payerOf, SUBSCRIBE } from "./store.ts";

const SEATS_MAX = 100_000;

const input = z.object({
  organizationId: id,
  planId: id,
  currency: z.string("Choose a currency.").regex(/^[A-Z]{3}$/, "Choose a currency."),
  interval: z.enum(["month", "year"], "Choose by the month or by the year."),
  quantity: z.coerce
    .number("Enter a number of seats.")
    .int("Enter a whole number of seats.")
    .min(1, "Take at least one seat.")
    .max(SEATS_MAX, "That is more than can be bought here.")
    .default(1),
  revision: z.string().max(64),
});

/**
 * Opens the gateway's page on which an organization subscribes; its address is in the command's answer.
 * The same wish has the same page for as long as that is open; another wish closes it first, so there
 * is never more than one to pay on. Where it was paid meanwhile, nothing new is opened: the command
 * that is answered then says so.
 */
export async function startSubscription(
  actor: Asker,
  given: z.input<typeof input>,
): Promise<CommandRow> {
  const { organizationId: named, revision, ...wanted } = checked(input, given);
  const organizationId = askedFor(actor, named);
  const seller = await sellerIn();
  const choice = await choiceOf(db(), organizationId, seller, wanted);
  const price = requireFree(choice);
  const place = placeOf(organizationId, seller);
  const wish = {
    items: [{ priceRef: price.ref, quantity: wanted.quantity }],
    trialDays: choice.trialDays,
    worksOutTax: (await productSettings()).worksOutTax,
  };
  const page = await pageToGoOnWith(place, SUBSCRIBE, (command) => sellsTheSame(command, wish));
  if (page) return page;
  const command = await ask(actor, {
    kind: SUBSCRIBE,
    organizationId,
    ...place,
    wanted,
    revision,
    prepare: async (tx) => {
      const now = await choiceOf(tx, organizationId, seller, wanted);
      const plan = await planned(tx, actor, organizationId, seller, now);
      const { planName, cost } = plan.chosen;
      return {
        revision: now.revision,
        plan,
        deed: { action: SUBSCRIBE, subject: organizationId, after: { plan: planName, cost } },
      };
    },
  });
  if (!command) throw changedMeanwhile();
  return command;
}

async function planned(
  tx: Tx,
  actor: Asker,
  organizationId: string,
  seller: Seller,
  choice: Choice,
): Promise<CheckoutPlan> {
  const { wanted, offered, trialDays } = choice;
  const price = requireFree(choice);
  const { name, slug, billingEmail } = await organizationOf(tx, organizationId);
  const email = billingEmail ?? (actor.kind === "member" ? actor.label : null);
  const { publicUrl, takesPromotionCodes, worksOutTax } = await productSettings(tx);
  const before = await openPage(tx, placeOf(organizationId, seller), SUBSCRIBE);
  const page = before && pageOf(before);
  return {
    ...(await payerOf(tx, organizationId, seller, { name, email })),
    items: [{ priceRef: price.ref, quantity: wanted.quantity }],
    trialDays,
    currency: wanted.currency,
    takesPromotionCodes,
    worksOutTax,
    pagesUrl: `${publicUrl}/portal/${slug}/checkout`,
    replaces: before && page ? { commandId: before.id, ref: page.ref } : null,
    chosen: {
      planId: offered.planId,
      planName: offered.planName,
      interval: wanted.interval,
      cost: costInWords(price.terms, wanted.quantity, trialDays),
    },
  };
}

/** The price to sell at, or what stands in the way. */
function requireFree({ blockers, offered: { price, priceRef } }: Choice) {
  if (blockers[0]) throw new AppError("conflict", blockers[0]);
  if (!price || !priceRef) throw new Error("Nothing stands in the way of selling nothing.");
  return { ref: priceRef, terms: price };
}
