import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { Administrator } from "../../actor.ts";
import type { Deed } from "../../audit/store.ts";
import { AppError } from "../../errors.ts";
import { CANCEL_REASONS, type CancelReason } from "../../gateways/asking.ts";
import { checked, id, prose } from "../../input.ts";
import { ask, changedMeanwhile } from "../asking/ask.ts";
import { type Asker, askedFor, onlyAdministrators, reasonOf, why } from "../asking/authority.ts";
import type { Plain } from "../asking/intention.ts";
import type { CommandRow } from "../asking/kind.ts";
import type { KindName } from "../asking/kinds.ts";
import { nameFor } from "../asking/store.ts";
import { placeOf, subjectOf } from "../asking/subject.ts";
import { isPaymentOpen } from "../changing/store.ts";
import type { SubscriptionRow } from "../state.ts";
import {
  cancelBlocker,
  cancelNowBlocker,
  endsAtOnce,
  givenUpInWords,
  keepBlocker,
  pauseBlocker,
  unpauseBlocker,
} from "./rules.ts";
import { isPauseAllowed, planNameOf } from "./store.ts";

const aboutInput = z.object({
  organizationId: id,
  subscriptionId: id,
  revision: z.string().max(64),
});
const cancelInput = aboutInput.extend({
  /** One of the reasons that are offered; anything else is refused with a sentence. */
  reason: z.unknown().transform((value, context): CancelReason => {
    const known = CANCEL_REASONS.find((code) => code === value);
    if (known) return known;
    context.addIssue({ code: "custom", message: "Choose the reason that fits best." });
    return z.NEVER;
  }),
  comment: prose(1_000).default(""),
});
const whyInput = aboutInput.extend({ reason: why });
const cancelNowInput = whyInput.extend({ givesBack: z.boolean() });
/** Administrators say why; members need not. */
const maybeWhyInput = aboutInput.extend({ reason: prose(500).default("") });
type MaybeWhy = z.input<typeof maybeWhyInput>;

/**
 * Ends a subscription with the period that is paid for; a paused one, which has none, at once. A
 * change that is planned is given up with it.
 */
export async function cancelSubscription(
  actor: Asker,
  input: z.input<typeof cancelInput>,
): Promise<CommandRow> {
  const { reason: code, comment, ...about } = checked(cancelInput, input);
  return askAbout(actor, about, {
    kind: "subscription.cancel",
    wanted: null,
    blocker: cancelBlocker,
    plan: (row) => ({ feedback: code, reason: comment || null, isAtOnce: endsAtOnce(row) }),
    deed: { after: { reason: code, comment } },
  });
}

/** The same, by an administrator, who says why in their own words. */
export async function cancelOnBehalf(
  actor: Administrator,
  input: z.input<typeof whyInput>,
): Promise<CommandRow> {
  const { reason, ...about } = checked(whyInput, input);
  onlyAdministrators(actor);
  return askAbout(actor, about, {
    kind: "subscription.cancel",
    wanted: null,
    blocker: cancelBlocker,
    plan: (row) => ({ reason, isAtOnce: endsAtOnce(row) }),
    deed: { reason },
  });
}

/** Ends a subscription at once, and credits what was paid for and not used where that is wanted. */
export async function cancelSubscriptionNow(
  actor: Administrator,
  input: z.input<typeof cancelNowInput>,
): Promise<CommandRow> {
  const { reason, givesBack, ...about } = checked(cancelNowInput, input);
  onlyAdministrators(actor);
  return askAbout(actor, about, {
    kind: "subscription.cancel_now",
    wanted: { givesBack },
    blocker: async (row, tx) =>
      cancelNowBlocker(row, { givesBack, isPaymentOpen: await isPaymentOpen(tx, row) }),
    plan: () => ({ reason, givesBack }),
    deed: { after: { givesBack }, reason },
  });
}

/** Takes a cancellation back before it takes effect. */
export async function keepSubscription(actor: Asker, input: MaybeWhy): Promise<CommandRow> {
  const { reason, ...about } = checked(maybeWhyInput, input);
  return askAbout(actor, about, {
    kind: "subscription.keep",
    wanted: null,
    blocker: keepBlocker,
    deed: { reason: reasonOf(actor, reason) },
  });
}

/**
 * Stops charging, and what is paid for, until it is resumed. Customers only where the operator allows it,
 * administrators always, with a reason.
 */
export async function pauseSubscription(actor: Asker, input: MaybeWhy): Promise<CommandRow> {
  const { reason, ...about } = checked(maybeWhyInput, input);
  const isAllowed = await isPauseAllowed(db(), actor);
  const name = await nameFor(db(), actor, about.organizationId);
  return askAbout(actor, about, {
    kind: "subscription.pause",
    wanted: null,
    blocker: (row) => pauseBlocker(row, isAllowed, name),
    deed: { reason: reasonOf(actor, reason) },
  });
}

/** Goes on after a pause: a new period begins, and is charged. */
export async function resumeSubscription(actor: Asker, input: MaybeWhy): Promise<CommandRow> {
  const { reason, ...about } = checked(maybeWhyInput, input);
  return askAbout(actor, about, {
    kind: "subscription.unpause",
    wanted: null,
    blocker: async (row, tx) => unpauseBlocker(row, await isPaymentOpen(tx, row)),
    deed: { reason: reasonOf(actor, reason) },
  });
}

type Wanted = {
  readonly kind: KindName;
  readonly wanted: Plain;
  readonly blocker: (
    row: SubscriptionRow,
    tx: Tx,
  ) => string | undefined | Promise<string | undefined>;
  readonly plan?: (row: SubscriptionRow) => Record<string, unknown>;
  readonly deed?: Pick<Deed, "after" | "reason">;
};

async function askAbout(
  actor: Asker,
  { organizationId: named, subscriptionId, revision }: z.output<typeof aboutInput>,
  { kind, wanted, blocker, plan, deed }: Wanted,
): Promise<CommandRow> {
  const organizationId = askedFor(actor, named);
  const { subscription } = await subjectOf(db(), actor, organizationId, subscriptionId);
  const command = await ask(actor, {
    kind,
    organizationId,
    ...placeOf(subscription),
    wanted,
    revision,
    prepare: async (tx) => {
      const subject = await subjectOf(tx, actor, organizationId, subscriptionId);
      const row = subject.subscription;
      const blocked = await blocker(row, tx);
      if (blocked) throw new AppError("conflict", blocked);
      return {
        revision: subject.revision,
        plan: {
          subscriptionRef: row.ref,
          customerRef: row.customerRef,
          scheduleRef: row.scheduleRef,
          unpaidInvoiceRef: row.unpaidChange?.invoiceRef ?? null,
          planName: await planNameOf(tx, row),
          givenUp: givenUpInWords(row),
          ...plan?.(row),
        },
        deed: { action: kind, subject: row.ref, before: beforeOf(row), ...deed },
      };
    },
  });
  if (!command) throw changedMeanwhile();
  return command;
}

function beforeOf({ status, cancelAt, planned }: SubscriptionRow) {
  return { status, cancelAt: cancelAt?.toISOString() ?? null, planned };
}
