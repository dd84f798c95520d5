import type { Tx } from "#db/client.ts";
import type { Member } from "../actor.ts";
import { config } from "../config.ts";
import { together } from "../together.ts";
import { heldPlans, outcomeOf } from "./changing/views.ts";
import { listTierChanges } from "./history-views.ts";
import { findCardAtItsEnd } from "./paying/views.ts";
import { findBillingBeside, listInvoices, seesMoney } from "./views.ts";

/** How much of it is shown, and the command that somebody comes back from. */
export type BillingPageAsked = {
  readonly commandId: string | undefined;
  readonly invoices: number;
  readonly changes: number;
};

export type PaidFor = NonNullable<Awaited<ReturnType<typeof paidFor>>>;

/**
 * An organization's billing on one page, all of it as of one moment: what it has and why; for those who may
 * pay for it, what is ahead of each plan, how it is paid and what became of what they asked for.
 */
export async function findBillingPage(actor: Member, asked: BillingPageAsked) {
  const reader = { actor };
  const [billing, [changes, paid]] = await findBillingBeside(reader, config().mode, (tx) =>
    together([
      listTierChanges(reader, { limit: asked.changes }, tx),
      seesMoney(reader) ? paidFor(tx, actor, asked) : undefined,
    ]),
  );
  return { billing, changes: changes.rows, paid };
}

async function paidFor(tx: Tx, actor: Member, { commandId, invoices }: BillingPageAsked) {
  const { organizationId } = actor;
  const [plans, outcome, listed, cardAtItsEnd] = await together([
    heldPlans(actor, organizationId, tx),
    commandId === undefined ? undefined : outcomeOf(actor, { organizationId, commandId }, tx),
    listInvoices({ actor }, config().mode, { limit: invoices }, tx),
    findCardAtItsEnd(actor, new Date(), tx),
  ]);
  return { plans, outcome, invoices: listed, cardAtItsEnd };
}
