import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import { AppError } from "../../errors.ts";
import type { Preview } from "../../gateways/asking.ts";
import { newId } from "../../ids.ts";
import { checked, id } from "../../input.ts";
import { MINUTE } from "../../time.ts";
import { ask, changedMeanwhile } from "../asking/ask.ts";
import { type Asker, askedFor } from "../asking/authority.ts";
import { reading } from "../asking/errand.ts";
import type { CommandRow } from "../asking/kind.ts";
import { placeOf, type Subject, subjectOf } from "../asking/subject.ts";
import type { SubscriptionRow } from "../state.ts";
import {
  blockersOf,
  directionOf,
  type Sold,
  soldInWords,
  type Timing,
  timingsFor,
} from "./rules.ts";
import {
  changePolicy,
  findQuote,
  insertQuote,
  isPaymentOpen,
  type QuoteRow,
  seatsInUse,
  soldAt,
  subscriptionOf,
} from "./store.ts";

const QUOTE_HOLDS = 15 * MINUTE;
const SEATS_MAX = 100_000;

const wantedInput = z.object({
  organizationId: id,
  subscriptionId: id,
  priceRef: z.string().min(1).max(255),
  quantity: z.coerce
    .number("Enter a number of seats.")
    .int()
    .min(1, "At least one seat.")
    .max(SEATS_MAX),
  timing: z.enum(["now", "renewal"]),
});

/** What a change would cost and when it would take effect; or what stands in its way. */
export type Quoted =
  | { readonly kind: "quote"; readonly quote: QuoteRow; readonly timings: readonly Timing[] }
  | {
      readonly kind: "blocked";
      readonly blockers: readonly string[];
      readonly timings: readonly Timing[];
    };

/**
 * Quotes a change of plan, interval or seats, by the gateway's own preview. The quote holds for a
 * quarter of an hour and for the state that the subscription has now.
 */
export async function quoteChange(
  actor: Asker,
  input: z.input<typeof wantedInput>,
): Promise<Quoted> {
  const wanted = checked(wantedInput, input);
  const organizationId = askedFor(actor, wanted.organizationId);
  const change = await changeOf(db(), organizationId, wanted);
  const { timings, blockers } = change;
  if (blockers.length > 0) return { kind: "blocked", blockers, timings };
  return { kind: "quote", quote: await quoted(organizationId, change), timings };
}

const acceptInput = z.object({ organizationId: id, quoteId: id });

/** A quote that was accepted: what the gateway did; or a new quote, where it would cost something else now. */
export type Accepted =
  | { readonly kind: "asked"; readonly command: CommandRow }
  | { readonly kind: "requoted"; readonly quote: QuoteRow };

/**
 * Makes the change that was quoted, for the money that was quoted: the gateway is asked once more
 * what it would cost, and where that is not the same to the cent, nothing is done and the new quote
 * is answered.
 */
export async function acceptQuote(
  actor: Asker,
  input: z.input<typeof acceptInput>,
): Promise<Accepted> {
  const { quoteId, ...rest } = checked(acceptInput, input);
  const organizationId = askedFor(actor, rest.organizationId);
  const quote = await findQuote(db(), organizationId, quoteId);
  if (!quote) throw new AppError("not_found", "There is no such quote.");
  let requoted: QuoteRow | undefined;
  const subscriptionId = await subscriptionOf(db(), quote);
  const command = await ask(actor, {
    kind: "subscription.change",
    organizationId,
    gateway: quote.gateway,
    mode: quote.mode,
    object: `subscription:${quote.subscriptionRef}`,
    wanted: { quote: quote.id },
    revision: quote.revision,
    check: async () => {
      const change = await changeOf(db(), organizationId, { ...quote, subscriptionId });
      if (change.subject.revision !== quote.revision) throw changedMeanwhile();
      requireFree(change.blockers);
      const isOld = quote.expiresAt.getTime() <= Date.now();
      const preview = isOld ? undefined : await previewed(change, quote.proratedAt ?? undefined);
      if (preview && isSame(quote, preview)) return true;
      requoted = await quoted(organizationId, change);
      return false;
    },
    prepare: async (tx) => {
      const change = await changeOf(tx, organizationId, { ...quote, subscriptionId });
      requireFree(change.blockers);
      return { revision: change.subject.revision, ...planned(change, quote) };
    },
  });
  if (requoted) return { kind: "requoted", quote: requoted };
  if (!command) throw changedMeanwhile();
  return { kind: "asked", command };
}

const dropInput = z.object({
  organizationId: id,
  subscriptionId: id,
  revision: z.string().max(64),
});

/** Gives a planned change up, before it takes effect. */
export async function dropPlannedChange(
  actor: Asker,
  input: z.input<typeof dropInput>,
): Promise<CommandRow> {
  return dropped(actor, input, "subscription.drop_planned_change", (row) => {
    if (!row.scheduleRef) throw new AppError("conflict", "No change is planned any more.");
    return { scheduleRef: row.scheduleRef };
  });
}

/** Gives up a change that waits for its payment. */
export async function dropUnpaidChange(
  actor: Asker,
  input: z.input<typeof dropInput>,
): Promise<CommandRow> {
  return dropped(actor, input, "subscription.drop_unpaid_change", (row) => {
    const invoiceRef = row.unpaidChange?.invoiceRef;
    if (!invoiceRef) throw new AppError("conflict", "No change waits for a payment any more.");
    return { invoiceRef };
  });
}

async function dropped(
  actor: Asker,
  input: z.input<typeof dropInput>,
  kind: "subscription.drop_planned_change" | "subscription.drop_unpaid_change",
  planOf: (row: SubscriptionRow) => Record<string, string>,
): Promise<CommandRow> {
  const { subscriptionId, revision, ...rest } = checked(dropInput, input);
  const organizationId = askedFor(actor, rest.organizationId);
  const { subscription } = await subjectOf(db(), organizationId, subscriptionId);
  const command = await ask(actor, {
    kind,
    organizationId,
    ...placeOf(subscription),
    wanted: null,
    revision,
    prepare: async (tx) => {
      const subject = await subjectOf(tx, organizationId, subscriptionId);
      return {
        revision: subject.revision,
        plan: { subscriptionRef: subscription.ref, ...planOf(subject.subscription) },
        deed: { action: kind, subject: subscription.ref, before: subject.subscription.planned },
      };
    },
  });
  if (!command) throw changedMeanwhile();
  return command;
}

type Wanted = Omit<z.output<typeof wantedInput>, "organizationId">;
type PlannedChange = {
  readonly wanted: Wanted;
  readonly subject: Subject;
  readonly from: Sold | undefined;
  readonly to: Sold;
  readonly timings: readonly Timing[];
  readonly blockers: readonly string[];
};

/** A change with everything that decides whether it can be made. */
async function changeOf(tx: Tx, organizationId: string, wanted: Wanted): Promise<PlannedChange> {
  const { subscriptionId, priceRef, quantity, timing } = wanted;
  const subject = await subjectOf(tx, organizationId, subscriptionId);
  const { subscription } = subject;
  const to = await soldAt(tx, subscription, priceRef);
  if (!to) throw new AppError("not_found", "There is no such plan.");
  const from = await soldAt(tx, subscription, subscription.priceRef);
  const direction = directionOf(
    { sold: from, quantity: subscription.quantity },
    { sold: to, quantity },
  );
  const blockers = blockersOf({
    subscription,
    from,
    to,
    priceRef,
    quantity,
    timing,
    seatsInUse: await seatsInUse(tx, organizationId),
    isPaymentOpen: await isPaymentOpen(tx, subscription),
  });
  const timings = timingsFor(direction, await changePolicy(tx));
  return { wanted, subject, from, to, timings, blockers };
}

async function quoted(organizationId: string, change: PlannedChange): Promise<QuoteRow> {
  const { subject, wanted } = change;
  const { gateway, mode, ref } = subject.subscription;
  const { lines, next, ...preview } = await previewed(change, undefined);
  return insertQuote({
    id: newId("qte"),
    organizationId,
    gateway,
    mode,
    subscriptionRef: ref,
    revision: subject.revision,
    timing: wanted.timing,
    priceRef: wanted.priceRef,
    quantity: wanted.quantity,
    ...preview,
    lines: [...lines],
    nextTotalMinor: next?.totalMinor ?? null,
    nextAt: next?.at ?? null,
    expiresAt: new Date(Date.now() + QUOTE_HOLDS),
  });
}

async function previewed(change: PlannedChange, at: Date | undefined): Promise<Preview> {
  const { subject, wanted } = change;
  const { subscription } = subject;
  const errand = await reading(subscription);
  return errand.gateway.commands.previewChange(
    {
      subscriptionRef: subscription.ref,
      itemRef: itemOf(subscription),
      to: { priceRef: wanted.priceRef, quantity: wanted.quantity },
      timing: wanted.timing,
      at,
    },
    errand,
  );
}

function isSame(quote: QuoteRow, preview: Preview): boolean {
  const sum = (lines: Preview["lines"]) => lines.reduce((all, line) => all + line.amountMinor, 0);
  return (
    quote.currency === preview.currency &&
    quote.dueMinor === preview.dueMinor &&
    quote.creditedMinor === preview.creditedMinor &&
    quote.taxMinor === preview.taxMinor &&
    sum(quote.lines) === sum(preview.lines)
  );
}

function planned({ subject, from, to }: PlannedChange, quote: QuoteRow) {
  const { subscription } = subject;
  const { priceRef, quantity, timing } = quote;
  const plan = {
    subscriptionRef: subscription.ref,
    itemRef: itemOf(subscription),
    customerRef: subscription.customerRef,
    to: { priceRef, quantity },
    timing,
    proratedAt: quote.proratedAt?.toISOString() ?? null,
    scheduleRef: subscription.scheduleRef,
    quoted: {
      dueMinor: quote.dueMinor,
      creditedMinor: quote.creditedMinor,
      currency: quote.currency,
    },
  };
  const deed = {
    action: "subscription.change",
    subject: subscription.ref,
    before: from ? soldInWords(from, subscription.quantity) : subscription.priceRef,
    after: { to: soldInWords(to, quantity), timing, quote: quote.id },
  };
  return { plan, deed };
}

function itemOf({ items }: SubscriptionRow): string {
  const ref = items[0]?.ref;
  if (!ref) {
    throw new AppError(
      "not_yet",
      "The gateway has not been asked about this subscription yet. Try again in a moment.",
    );
  }
  return ref;
}

function requireFree(blockers: readonly string[]): void {
  if (blockers[0]) throw new AppError("conflict", blockers[0]);
}
