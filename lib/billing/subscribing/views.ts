import { and, eq, sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { checkouts, commands, plans, subscriptions } from "#db/schema/index.ts";
import type { Mode } from "../../gateways/gateway.ts";
import { pageOf } from "../asking/answer.ts";
import { type Asker, askedFor } from "../asking/authority.ts";
import type { CommandRow } from "../asking/kind.ts";
import { closeFinished, openPage } from "../asking/pages-store.ts";
import { type Choice, choiceOf, placeOf, sellerIn, type Wish } from "./choice.ts";
import { type CheckoutPlan, checkoutPlan } from "./plan.ts";
import { type Progress, progressOf, type Standing } from "./rules.ts";
import { SUBSCRIBE, standing } from "./store.ts";

/** A plan as somebody is about to buy it: what it costs, what stands in the way, how it is paid. */
export async function findChoice(
  actor: Asker,
  { organizationId: named, ...wish }: Wish & { readonly organizationId: string },
): Promise<Choice & { readonly sellerTitle: string | undefined }> {
  const organizationId = askedFor(actor, named);
  const seller = await sellerIn();
  return { ...(await choiceOf(db(), organizationId, seller, wish)), sellerTitle: seller.title };
}

/** Where an organization stands: whether it may subscribe, and a page that it left open. */
export async function findStanding(
  actor: Asker,
  about: { readonly organizationId: string; readonly mode: Mode },
): Promise<{ readonly standing: Standing; readonly unfinished: OpenCheckout | undefined }> {
  const organizationId = askedFor(actor, about.organizationId);
  const seller = await sellerIn(about.mode);
  const [stands, page] = await Promise.all([
    standing(db(), organizationId, about.mode),
    openPage(db(), placeOf(organizationId, seller), SUBSCRIBE),
  ]);
  const chosen = page && checkoutPlan.safeParse(page.plan).data?.chosen;
  return {
    standing: stands.standing,
    unfinished: page && chosen && { commandId: page.id, chosen },
  };
}

export type OpenCheckout = {
  readonly commandId: string;
  readonly chosen: CheckoutPlan["chosen"];
};

/** What became of subscribing, as far as it is known here. */
export type CheckoutView = {
  readonly command: CommandRow;
  readonly progress: Progress;
  readonly chosen: CheckoutPlan["chosen"];
  readonly currency: string;
  readonly quantity: number;
  /** The gateway's page, where one was opened. */
  readonly page: { readonly ref: string; readonly url: string } | undefined;
  readonly checkout: typeof checkouts.$inferSelect | undefined;
  readonly subscription: SubscribedView | undefined;
};

export type SubscribedView = typeof subscriptions.$inferSelect & {
  readonly planName: string | null;
};

/** What became of a command of the organization's own; nothing for anybody else's. */
export async function findCheckout(
  actor: Asker,
  { organizationId: named, commandId }: { organizationId: string; commandId: string },
): Promise<CheckoutView | undefined> {
  const organizationId = askedFor(actor, named);
  const read = () => findOpened(organizationId, commandId);
  let opened = await read();
  if (opened?.command.status === "needs_person" && isOver(opened.checkout)) {
    await closeFinished(db(), commandId);
    opened = await read();
  }
  if (!opened) return undefined;
  const { command, checkout, subscription } = opened;
  const { chosen, currency, items } = checkoutPlan.parse(command.plan);
  const page = pageOf(command);
  return {
    command,
    progress: progressOf({
      command: command.status,
      isPageThere: page !== undefined,
      checkout,
      subscription: subscription?.status,
    }),
    chosen,
    currency,
    quantity: items[0]?.quantity ?? 1,
    page,
    checkout,
    subscription,
  };
}

function isOver(checkout: CheckoutView["checkout"]): boolean {
  return checkout !== undefined && checkout.status !== "open";
}

/** The organization's own command, with the page that it opened and what was begun there, as far as known. */
async function findOpened(organizationId: string, commandId: string) {
  const [row] = await db()
    .select({
      command: commands,
      checkout: checkouts,
      subscription: subscriptions,
      planName: plans.name,
    })
    .from(commands)
    .leftJoin(
      checkouts,
      and(
        eq(checkouts.gateway, commands.gateway),
        eq(checkouts.mode, commands.mode),
        eq(checkouts.ref, sql`${commands.answer} ->> 'ref'`),
      ),
    )
    .leftJoin(
      subscriptions,
      and(
        eq(subscriptions.gateway, checkouts.gateway),
        eq(subscriptions.mode, checkouts.mode),
        eq(subscriptions.ref, checkouts.subscriptionRef),
        eq(subscriptions.organizationId, commands.organizationId),
      ),
    )
    .leftJoin(plans, eq(plans.id, subscriptions.planId))
    .where(
      and(
        eq(commands.id, commandId),
        eq(commands.organizationId, organizationId),
        eq(commands.kind, SUBSCRIBE),
      ),
    );
  if (!row) return undefined;
  const { command, checkout, subscription, planName } = row;
  return {
    command,
    checkout: checkout ?? undefined,
    subscription: subscription ? { ...subscription, planName } : undefined,
  };
}
