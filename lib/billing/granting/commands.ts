import { z } from "zod";
import { db } from "#db/client.ts";
import type { Administrator } from "../../actor.ts";
import { amountOf } from "../../catalogue/rules.ts";
import { AppError } from "../../errors.ts";
import { checked, id, refusedField } from "../../input.ts";
import { formatMoney, type Money } from "../../money.ts";
import { dayInWords } from "../../time.ts";
import { ask, changedMeanwhile, type Wish } from "../asking/ask.ts";
import { onlyAdministrators, why } from "../asking/authority.ts";
import type { CommandRow } from "../asking/kind.ts";
import { placeOf, subjectOf } from "../asking/subject.ts";
import { planNameOf } from "../ending/store.ts";
import { placeOfCustomer } from "../paying/store.ts";
import { creditFault, refundBlocker, refundFault, trialBlocker, trialMovedTo } from "./rules.ts";
import { creditorOf, placeOfPayment, refundingOf } from "./store.ts";

const input = z.object({ organizationId: id, revision: z.string().max(64), reason: why });
const trialInput = input.extend({ subscriptionId: id, until: z.string().max(10) });
const amount = z.string("Write an amount.").max(20);
const creditInput = input.extend({
  customerId: id,
  amount,
  /** Only where the customer was never billed, so that no currency is decided. */
  currency: z.string().trim().toUpperCase().max(3).default(""),
});
const refundInput = input.extend({ paymentId: id, amount });

/** Moves the end of a trial to a later day. Nothing is charged before. */
export async function extendTrial(
  actor: Administrator,
  asked: z.input<typeof trialInput>,
): Promise<CommandRow> {
  const {
    organizationId,
    subscriptionId,
    revision,
    until: day,
    reason,
  } = checked(trialInput, asked);
  onlyAdministrators(actor);
  const { subscription } = await subjectOf(db(), actor, organizationId, subscriptionId);
  return granted(actor, {
    kind: "subscription.extend_trial",
    organizationId,
    ...placeOf(subscription),
    wanted: { day },
    revision,
    prepare: async (tx) => {
      const { subscription: row, revision: now } = await subjectOf(
        tx,
        actor,
        organizationId,
        subscriptionId,
      );
      const blocked = trialBlocker(row);
      if (blocked || !row.trialEnd) throw new AppError("conflict", blocked ?? "It has no trial.");
      const until = trialMovedTo(row.trialEnd, day, new Date());
      if (typeof until === "string") throw refusedField("until", until);
      return {
        revision: now,
        plan: {
          subscriptionRef: row.ref,
          customerRef: row.customerRef,
          planName: await planNameOf(tx, row),
          until: until.toISOString(),
        },
        deed: {
          action: "subscription.extend_trial",
          subject: row.ref,
          before: `until ${dayInWords(row.trialEnd)}`,
          after: `until ${dayInWords(until)}`,
          reason,
        },
      };
    },
  });
}

/** Puts an amount to a customer's credit: later invoices take it first. */
export async function giveCredit(
  actor: Administrator,
  asked: z.input<typeof creditInput>,
): Promise<CommandRow> {
  const { organizationId, customerId, revision, reason, ...rest } = checked(creditInput, asked);
  onlyAdministrators(actor);
  const { customer, currency: billed } = await creditorOf(db(), organizationId, customerId);
  const credited = amountIn(rest.amount, billed ?? rest.currency);
  const fault = creditFault(credited);
  if (fault) throw refusedField("amount", fault);
  return granted(actor, {
    kind: "customer.credit",
    organizationId,
    ...placeOfCustomer(customer),
    wanted: { ...credited },
    revision,
    prepare: async (tx) => {
      const now = await creditorOf(tx, organizationId, customerId);
      return {
        revision: now.revision,
        plan: { customerRef: customer.ref, ...credited, reason },
        deed: {
          action: "customer.credit",
          subject: customer.ref,
          after: `${formatMoney(credited)} credited`,
          reason,
        },
      };
    },
  });
}

/** Gives a payment back by the way that it came, whole or in part. */
export async function refundPayment(
  actor: Administrator,
  asked: z.input<typeof refundInput>,
): Promise<CommandRow> {
  const {
    organizationId,
    paymentId,
    revision,
    reason,
    amount: written,
  } = checked(refundInput, asked);
  onlyAdministrators(actor);
  const { payment } = await refundingOf(db(), organizationId, paymentId);
  const refunded = amountIn(written, payment.currency);
  return granted(actor, {
    kind: "payment.refund",
    organizationId,
    ...placeOfPayment(payment),
    wanted: { ...refunded },
    revision,
    prepare: async (tx) => {
      const now = await refundingOf(tx, organizationId, paymentId);
      const blocked = refundBlocker(now.payment, now.disputes);
      if (blocked) throw new AppError("conflict", blocked);
      const fault = refundFault(now.payment, refunded);
      if (fault) throw refusedField("amount", fault);
      const { ref, invoiceRef, customerRef } = now.payment;
      return {
        revision: now.revision,
        plan: { paymentRef: ref, invoiceRef, customerRef, ...refunded, reason },
        deed: {
          action: "payment.refund",
          subject: ref,
          before: `${formatMoney({ ...refunded, amountMinor: now.payment.refundedMinor })} refunded`,
          after: `${formatMoney(refunded)} more refunded`,
          reason,
        },
      };
    },
  });
}

async function granted(actor: Administrator, wish: Wish): Promise<CommandRow> {
  const command = await ask(actor, wish);
  if (!command) throw changedMeanwhile();
  return command;
}

function amountIn(written: string, currency: string): Money {
  if (!/^[A-Z]{3}$/.test(currency)) {
    throw refusedField("currency", "Write the currency as three letters, such as EUR.");
  }
  try {
    return amountOf(written, currency);
  } catch (error) {
    throw error instanceof AppError ? refusedField("amount", error.message) : error;
  }
}
