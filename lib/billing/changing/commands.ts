import { z } from "zod";
import { db } from "#db/client.ts";
import { AppError } from "../../errors.ts";
import type { Preview } from "../../gateways/asking.ts";
import { countTry } from "../../identity/limits.ts";
import { newId } from "../../ids.ts";
import { checked, id, prose } from "../../input.ts";
import { DAY, MINUTE } from "../../time.ts";
import { ask, changedMeanwhile } from "../asking/ask.ts";
import { type Asker, askedFor, reasonOf } from "../asking/authority.ts";
import type { CommandRow } from "../asking/kind.ts";
import { placeOf, subjectOf } from "../asking/subject.ts";
import type { SubscriptionRow } from "../state.ts";
import { type Change, changeOf, itemOf, previewed } from "./change.ts";
import { SEATS_MAX, soldInWords } from "./rules.ts";
import { findQuote, insertQuote, type QuoteRow } from "./store.ts";

const QUOTE_HOLDS = 15 * MINUTE;

const wantedInput = z.object({
  organizationId: id,
  subscriptionId: id,
  priceRef: z.string().min(1).max(255),
  quantity: z.coerce
    .number("Enter a number of seats.")
    .int("Enter a whole number of seats.")
    .min(1, "At least one seat.")
    .max(SEATS_MAX, "That is more than can be bought here."),
  timing: z.enum(["now", "renewal"]).optional(),
});

/** What a change would cost and when it would take effect; or what stands in its way. */
export type Quoted = {
  readonly change: Change;
  /** None where something stands in the way. */
  readonly quote: QuoteRow | undefined;
};

/**
 * Quotes a change of plan, interval or seats, by the gateway's own preview. The quote holds for a
 * quarter of an hour and for the state that the subscription has now.
 */
export async function quoteChange(
  actor: Asker,
  input: z.input<typeof wantedInput>,
): Promise<Quoted> {
  const { organizationId: named, ...wanted } = checked(wantedInput, input);
  const organizationId = askedFor(actor, named);
  const change = await changeOf(db(), actor, organizationId, wanted);
  if (change.blockers.length > 0) return { change, quote: undefined };
  await countQuote(actor, organizationId);
  return { change, quote: await quoted(organizationId, change) };
}

/**
 * Each quote asks the gateway several times, and what it answers to all organizations together is limited: none
 * of them may spend that for the others. Administrators are few.
 */
async function countQuote(actor: Asker, organizationId: string): Promise<void> {
  if (actor.kind === "administrator") return;
  const tooMany = "Many quotes were asked for in a short time.";
  await countTry("quote_of_organization", organizationId, tooMany);
}

/** Administrators say why; members need not. */
const reason = prose(500).default("");

const acceptInput = z.object({ organizationId: id, quoteId: id, reason });

/** A quote that was accepted: what the gateway did; or a new quote, where the old one no longer holds. */
export type Accepted =
  | { readonly kind: "asked"; readonly command: CommandRow }
  | {
      readonly kind: "requoted";
      readonly quote: QuoteRow;
      readonly because: "too_old" | "costs_otherwise";
    };

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
  const because = reasonOf(actor, rest.reason);
  const found = await findQuote(db(), actor, organizationId, quoteId);
  if (!found) throw new AppError("not_found", "There is no such quote.");
  const { quote, subject } = found;
  const wanted = { ...wantedIn(quote), subscriptionId: subject.subscription.id };
  let requoted: Extract<Accepted, { kind: "requoted" }> | undefined;
  const command = await ask(actor, {
    kind: "subscription.change",
    organizationId,
    gateway: quote.gateway,
    mode: quote.mode,
    object: `subscription:${quote.subscriptionRef}`,
    // The price is part of the wish: nobody who was shown another one asked for the same.
    wanted: { ...wantedIn(quote), for: promised(quote) },
    revision: quote.revision,
    check: async () => {
      if (subject.revision !== quote.revision) throw changedMeanwhile();
      await countQuote(actor, organizationId);
      const isOld = quote.expiresAt.getTime() <= Date.now();
      const at = quote.proratedAt ?? undefined;
      const preview = isOld ? undefined : await previewed({ subject, wanted }, at);
      if (preview && isSame(quote, preview)) return true;
      const change = await changeOf(db(), actor, organizationId, wanted);
      requireSame(change, quote);
      requoted = {
        kind: "requoted",
        quote: await quoted(organizationId, change),
        because: isOld ? "too_old" : "costs_otherwise",
      };
      return false;
    },
    prepare: async (tx) => {
      const change = await changeOf(tx, actor, organizationId, wanted);
      requireSame(change, quote);
      const { plan, deed } = planned(change, quote);
      return { revision: change.subject.revision, plan, deed: { ...deed, reason: because } };
    },
  });
  if (command) return { kind: "asked", command };
  if (!requoted) throw changedMeanwhile();
  return requoted;
}

const dropInput = z.object({
  organizationId: id,
  subscriptionId: id,
  revision: z.string().max(64),
  reason,
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
  const because = reasonOf(actor, rest.reason);
  const { subscription } = await subjectOf(db(), actor, organizationId, subscriptionId);
  const command = await ask(actor, {
    kind,
    organizationId,
    ...placeOf(subscription),
    wanted: null,
    revision,
    prepare: async (tx) => {
      const subject = await subjectOf(tx, actor, organizationId, subscriptionId);
      const { planned, unpaidChange } = subject.subscription;
      return {
        revision: subject.revision,
        plan: { subscriptionRef: subscription.ref, ...planOf(subject.subscription) },
        deed: {
          action: kind,
          subject: subscription.ref,
          before: planned ?? unpaidChange,
          reason: because,
        },
      };
    },
  });
  if (!command) throw changedMeanwhile();
  return command;
}

async function quoted(organizationId: string, change: Change): Promise<QuoteRow> {
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

function wantedIn({ priceRef, quantity, timing }: QuoteRow) {
  return { priceRef, quantity, timing };
}

/** The money that a quote names. */
function promised({ dueMinor, creditedMinor, taxMinor, nextTotalMinor, currency }: QuoteRow) {
  return { dueMinor, creditedMinor, taxMinor, nextTotalMinor, currency };
}

function requireSame({ subject, blockers }: Change, quote: QuoteRow): void {
  if (subject.revision !== quote.revision) throw changedMeanwhile();
  if (blockers[0]) throw new AppError("conflict", blockers[0]);
}

function isSame(quote: QuoteRow, preview: Preview): boolean {
  const sum = (lines: Preview["lines"]) => lines.reduce((all, line) => all + line.amountMinor, 0);
  // A period that begins with the change begins when it is made; another renewal is days away.
  const moved = (quote.nextAt?.getTime() ?? 0) - (preview.next?.at.getTime() ?? 0);
  return (
    Math.abs(moved) < DAY &&
    quote.currency === preview.currency &&
    quote.dueMinor === preview.dueMinor &&
    quote.creditedMinor === preview.creditedMinor &&
    quote.taxMinor === preview.taxMinor &&
    quote.includedTaxMinor === preview.includedTaxMinor &&
    quote.nextTotalMinor === (preview.next?.totalMinor ?? null) &&
    sum(quote.lines) === sum(preview.lines)
  );
}

function planned({ subject, from, to }: Change, quote: QuoteRow) {
  const { subscription } = subject;
  const { timing, dueMinor, creditedMinor, currency } = quote;
  const plan = {
    subscriptionRef: subscription.ref,
    itemRef: itemOf(subscription),
    customerRef: subscription.customerRef,
    to: { priceRef: quote.priceRef, quantity: quote.quantity },
    isSamePrice: quote.priceRef === subscription.priceRef,
    timing,
    proratedAt: quote.proratedAt?.toISOString() ?? null,
    scheduleRef: subscription.scheduleRef,
    until: quote.expiresAt.toISOString(),
    quoted: { dueMinor, creditedMinor, currency },
  };
  const deed = {
    action: "subscription.change",
    subject: subscription.ref,
    before: from ? soldInWords(from, subscription.quantity) : subscription.priceRef,
    after: { to: soldInWords(to, quote.quantity), timing, quote: quote.id },
  };
  return { plan, deed };
}
