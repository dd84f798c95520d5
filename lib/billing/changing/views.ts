import { and, eq } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import type { HeldItem } from "#db/schema/billing.ts";
import { commands, invoices } from "#db/schema/index.ts";
import type { Interval } from "../../catalogue/rules.ts";
import { seatsInUse } from "../../identity/seats/store.ts";
import { timeOfId } from "../../ids.ts";
import { DAY } from "../../time.ts";
import { together } from "../../together.ts";
import { askedToBecome, becauseIn, urlIn } from "../asking/answer.ts";
import { type Asker, askedFor } from "../asking/authority.ts";
import type { CommandRow } from "../asking/kind.ts";
import { lastCommand } from "../asking/store.ts";
import { placeOf, type Subject, subjectOf, subjectsOf } from "../asking/subject.ts";
import { quantityOf } from "../seat-rules.ts";
import type { SubscriptionRow } from "../state.ts";
import { changeOf } from "./change.ts";
import { type ChoiceOfPlan, intervalsOf, pricesToOffer } from "./offer-rules.ts";
import type { Timing } from "./rules.ts";
import { pricesOnSale, type SoldPrice, soldAt } from "./store.ts";

type Named = { readonly organizationId: string; readonly subscriptionId: string };

/** What a subscription has, and what is to become of it. */
export type HeldPlan = Subject & {
  readonly sold: SoldPrice | undefined;
  /** A change that is planned for a day. */
  readonly planned: (Becoming & { readonly at: Date; readonly isOurs: boolean }) | undefined;
  /** A change that takes effect when it is paid or approved. */
  readonly unpaid: (Becoming & PaymentAwaited & { readonly until: Date | null }) | undefined;
  /** A change that was asked for last, and was not paid in time: nothing waits for it any more. */
  readonly lapsed: (Becoming & Lapsed) | undefined;
  /** What is on its way to the gateway. */
  readonly open: CommandRow | undefined;
};

type Lapsed = {
  readonly commandId: string;
  readonly priceRef: string;
  /** Whether somebody may still want to know. */
  readonly isRecent: boolean;
};

/** What a subscription becomes; nothing is sold where its price is in no plan. */
export type Becoming = { readonly sold: SoldPrice | undefined; readonly quantity: number };

/** One subscription with the changes that are ahead of it. */
export async function heldPlan(actor: Asker, named: Named): Promise<HeldPlan> {
  const organizationId = askedFor(actor, named.organizationId);
  return heldAs(db(), await subjectOf(db(), actor, organizationId, named.subscriptionId));
}

/** The same of each subscription of an organization that is not over. */
export async function heldPlans(actor: Asker, named: string, tx: Tx = db()): Promise<HeldPlan[]> {
  const subjects = await subjectsOf(tx, actor, askedFor(actor, named));
  return together(subjects.map((subject) => heldAs(tx, subject)));
}

async function heldAs(tx: Tx, subject: Subject): Promise<HeldPlan> {
  const { subscription } = subject;
  const { planned, unpaidChange } = subscription;
  const [sold, last, later, paid] = await together([
    soldAt(tx, subscription, subscription.priceRef),
    lastCommand(tx, placeOf(subscription)),
    planned ? becoming(tx, subscription, planned.items) : undefined,
    unpaidChange ? becoming(tx, subscription, unpaidChange.items) : undefined,
  ]);
  return {
    ...subject,
    sold,
    open: last?.status === "open" ? last : undefined,
    lapsed: await lapsedOf(tx, subscription, last),
    planned:
      planned && later
        ? { ...later, at: new Date(planned.at), isOurs: planned.commandId !== null }
        : undefined,
    unpaid:
      unpaidChange && paid
        ? {
            ...paid,
            until: unpaidChange.until ? new Date(unpaidChange.until) : null,
            ...(await paymentOf(tx, subscription)),
          }
        : undefined,
  };
}

async function becoming(
  tx: Tx,
  subscription: SubscriptionRow,
  items: readonly HeldItem[],
): Promise<Becoming> {
  const [item] = items;
  const priceRef = item?.priceRef ?? subscription.priceRef;
  return {
    sold: await soldAt(tx, subscription, priceRef),
    quantity: item?.quantity ?? 1,
  };
}

/** The gateway voids the invoice of a change that was not paid in time, and so does who gives it up. */
async function lapsedOf(
  tx: Tx,
  row: SubscriptionRow,
  last: CommandRow | undefined,
): Promise<HeldPlan["lapsed"]> {
  if (row.unpaidChange) return undefined;
  const to = last?.status === "needs_person" ? askedToBecome(last) : undefined;
  const ref = last?.answer?.invoiceRef;
  if (!last || !to || typeof ref !== "string") return undefined;
  if (to.priceRef === row.priceRef && to.quantity === row.quantity) return undefined;
  const bill = and(
    eq(invoices.gateway, row.gateway),
    eq(invoices.mode, row.mode),
    eq(invoices.ref, ref),
  );
  if ((await tx.$count(invoices, and(bill, eq(invoices.status, "void")))) === 0) return undefined;
  const isRecent = Date.now() - last.askedAt.getTime() < LAPSED_IS_TOLD;
  const { priceRef, quantity } = to;
  const sold = await soldAt(tx, row, priceRef);
  return { commandId: last.id, sold, priceRef, quantity, isRecent };
}

const LAPSED_IS_TOLD = 7 * DAY;

/** Where a change that waits is paid, and what the gateway said when that was tried. */
type PaymentAwaited = {
  readonly url: string | null;
  readonly why: string | null;
  readonly because: string | null;
};

async function paymentOf(tx: Tx, row: SubscriptionRow): Promise<PaymentAwaited> {
  const ref = row.unpaidChange?.invoiceRef;
  if (!ref) return { url: null, why: null, because: null };
  const { gateway, mode, object } = placeOf(row);
  const [[invoice], asked] = await together([
    tx
      .select({ url: invoices.hostedUrl })
      .from(invoices)
      .where(and(eq(invoices.gateway, gateway), eq(invoices.mode, mode), eq(invoices.ref, ref))),
    tx
      .select({ sentence: commands.sentence, answer: commands.answer })
      .from(commands)
      .where(
        and(
          eq(commands.gateway, gateway),
          eq(commands.mode, mode),
          eq(commands.object, object),
          eq(commands.status, "needs_person"),
        ),
      ),
  ]);
  const why = asked.find(({ answer }) => answer?.invoiceRef === ref);
  return {
    url: invoice?.url ?? urlIn(why?.answer),
    why: why?.sentence ?? null,
    because: becauseIn(why?.answer),
  };
}

export type Choices = HeldPlan & {
  readonly plans: readonly ChoiceOfPlan[];
  readonly intervals: readonly Interval[];
  readonly interval: Interval;
  /** For how many people, where a plan is sold by the seat; undefined where none is. */
  readonly seats: number | undefined;
};

/** Everything that a subscription may change to, each with what stands in its way. */
export async function choicesOf(
  actor: Asker,
  {
    interval: asked,
    seats: wanted,
    ...named
  }: Named & {
    readonly interval: Interval | undefined;
    readonly seats: number | undefined;
  },
): Promise<Choices> {
  const held = await heldPlan(actor, named);
  const { subscription, sold } = held;
  const interval = asked ?? sold?.terms?.interval ?? "month";
  const used = await seatsInUse(db(), named.organizationId);
  const seats = wanted ?? (sold?.isPerSeat ? subscription.quantity : Math.max(1, used));
  const all = await pricesOnSale(db(), subscription);
  const plans: ChoiceOfPlan[] = [];
  for (const { plan, price } of pricesToOffer(all, subscription, interval)) {
    const { planId, planName, description } = plan;
    if (!price) {
      plans.push({ planId, planName, description, choice: undefined });
      continue;
    }
    const { priceRef } = price;
    const quantity = quantityOf(price, seats, used);
    const isHeld = priceRef === subscription.priceRef && quantity === subscription.quantity;
    const { subscriptionId } = named;
    const at = (timing?: Timing) =>
      changeOf(db(), actor, named.organizationId, { subscriptionId, priceRef, quantity, timing });
    const change = await at();
    const { timing } = change.wanted;
    const blockers = isHeld ? [] : change.blockers;
    const other = blockers.length > 0 ? change.timings.find((each) => each !== timing) : undefined;
    const otherwise = other && (await at(other)).blockers.length === 0 ? other : undefined;
    const choice = { sold: price, quantity, isHeld, timing, blockers, otherwise };
    plans.push({ planId, planName, description, choice });
  }
  const isBySeat = plans.some(({ choice }) => choice?.sold.isPerSeat);
  return {
    ...held,
    plans,
    intervals: intervalsOf(all),
    interval,
    seats: isBySeat ? seats : undefined,
  };
}

/** What became of a command that the organization asked for; undefined for anybody else's. */
export async function outcomeOf(
  actor: Asker,
  { organizationId: named, commandId }: { organizationId: string; commandId: string },
  tx: Tx = db(),
): Promise<CommandRow | undefined> {
  const organizationId = askedFor(actor, named);
  if (!timeOfId(commandId)) return undefined;
  const [row] = await tx
    .select()
    .from(commands)
    .where(and(eq(commands.id, commandId), eq(commands.organizationId, organizationId)));
  return row;
}
