import type Stripe from "stripe";
import { AppError } from "#lib/errors.ts";
import type { Asking, GatewayCommands, Wanted } from "../../asking.ts";
import { COMMAND_KEY } from "../ahead.ts";
import { wrongAnswer } from "../failures.ts";
import { afterGivingUp, calling, idIn, idOf, isRefusal, once, unless } from "./call.ts";

type Schedule = Stripe.SubscriptionSchedule;
type Phase = Stripe.SubscriptionSchedule.Phase;
type PhaseAsked = Stripe.SubscriptionScheduleUpdateParams.Phase;

/**
 * A schedule: the present phase as it is, then one period of what is wanted, nothing prorated. Stripe
 * makes one of a subscription and takes nothing else in that call, so it is made first and planned then.
 */
export const changeAtRenewal: GatewayCommands["changeAtRenewal"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const { subscriptionRef, to, scheduleRef } = asked;
    const { recurring } = await stripe.prices.retrieve(to.priceRef);
    if (!recurring) {
      throw new AppError("gateway_refused", "This price is paid once, not each period.");
    }
    return withoutSchedule(stripe, scheduleRef, asking, async () => {
      const made = await stripe.subscriptionSchedules.create(
        { from_subscription: subscriptionRef, expand: ["subscription"] },
        once(asking, "schedule"),
      );
      try {
        const plan = planOf(made, asked, recurring);
        await stripe.subscriptionSchedules.update(made.id, plan, once(asking, "plan"));
      } catch (error) {
        // A schedule that plans nothing would only stand in the way.
        if (isRefusal(error)) await releaseSchedule(stripe, made.id, asking);
        throw error;
      }
      return { scheduleRef: made.id, at: new Date(presentPhase(made).end_date * 1_000) };
    });
  });

/** Made of the schedule as it was answered first, which never changes: sent again it is the same plan. */
function planOf(
  made: Schedule,
  { itemRef, to, commandId }: Parameters<GatewayCommands["changeAtRenewal"]>[0],
  { interval, interval_count }: Stripe.Price.Recurring,
): Stripe.SubscriptionScheduleUpdateParams {
  const present = presentPhase(made);
  const items = itemsOf(made, present);
  return {
    end_behavior: "release",
    proration_behavior: "none",
    metadata: { [COMMAND_KEY]: commandId },
    phases: [
      { ...likePhase(present), ...timeOf(present), items },
      {
        ...likePhase(present),
        items: changed(items, priceOf(made, itemRef), to),
        duration: { interval, interval_count },
        proration_behavior: "none",
      },
    ],
  };
}

/** Lets the subscription go on as it is; a schedule that is over by itself is as good. */
export async function releaseSchedule(
  stripe: Stripe,
  scheduleRef: string | null,
  asking: Asking,
): Promise<void> {
  if (!scheduleRef) return;
  const isOver = async () => {
    const { status } = await stripe.subscriptionSchedules.retrieve(scheduleRef);
    return status !== "active" && status !== "not_started";
  };
  await unless(isOver, () =>
    stripe.subscriptionSchedules.release(scheduleRef, {}, once(asking, `release.${scheduleRef}`)),
  );
}

/** Does what a schedule stands in the way of. */
export async function withoutSchedule<T>(
  stripe: Stripe,
  scheduleRef: string | null,
  asking: Asking,
  ask: () => Promise<T>,
): Promise<T> {
  if (!scheduleRef) return ask();
  await releaseSchedule(stripe, scheduleRef, asking);
  return afterGivingUp("What was planned for later was given up before.", ask);
}

/** Gives up what is planned for later, unless it is what is there by now. */
export const dropPlannedChange: GatewayCommands["dropPlannedChange"] = (scheduleRef, asking) =>
  calling(asking, async (stripe) => {
    const { status, current_phase, phases } =
      await stripe.subscriptionSchedules.retrieve(scheduleRef);
    const runsUntil = current_phase?.end_date ?? 0;
    const isAhead = phases.some(({ start_date }) => start_date >= runsUntil);
    if (status === "active" && phases.length > 1 && !isAhead) {
      throw new AppError(
        "gateway_refused",
        "The change has taken effect already. Change the plan again to go back.",
      );
    }
    await releaseSchedule(stripe, scheduleRef, asking);
  });

export const letScheduleGo: GatewayCommands["letScheduleGo"] = (scheduleRef, asking) =>
  calling(asking, (stripe) => releaseSchedule(stripe, scheduleRef, asking));

/**
 * Lets a change of ours that is planned go on with another means of payment: its phases name the one of
 * the day on which it was planned, and would bring that back.
 */
export async function payPlannedWith(
  stripe: Stripe,
  scheduleRef: string,
  methodRef: string,
  asking: Asking,
): Promise<void> {
  const schedule = await stripe.subscriptionSchedules.retrieve(scheduleRef, {
    expand: ["subscription"],
  });
  if (schedule.status !== "active" || !schedule.metadata?.[COMMAND_KEY]) return;
  const present = presentPhase(schedule);
  const left = schedule.phases.filter(({ start_date }) => start_date >= present.start_date);
  const isOther = ({ default_payment_method: named }: Pick<Phase, "default_payment_method">) =>
    ![null, methodRef].includes(idIn(named));
  const isOtherForAll = isOther(schedule.default_settings);
  if (!isOtherForAll && !left.some(isOther)) return;
  const phases = left.map((phase) => ({
    ...likePhase(phase),
    ...timeOf(phase),
    ...(isOther(phase) && { default_payment_method: methodRef }),
    items: itemsOf(schedule, phase),
    proration_behavior: "none" as const,
  }));
  await stripe.subscriptionSchedules.update(
    scheduleRef,
    {
      phases,
      proration_behavior: "none",
      ...(isOtherForAll && { default_settings: { default_payment_method: methodRef } }),
    },
    once(asking, `method_of.${scheduleRef}`),
  );
}

function presentPhase({ id, phases, current_phase: current }: Schedule): Phase {
  const present = phases.find((phase) => phase.start_date === current?.start_date) ?? phases[0];
  if (!present) throw wrongAnswer(`a phase of schedule ${id}`);
  return present;
}

function subscriptionOf({ id, subscription }: Schedule): Stripe.Subscription {
  if (typeof subscription === "object" && subscription) return subscription;
  throw wrongAnswer(`the subscription of schedule ${id}`);
}

function priceOf(schedule: Schedule, itemRef: string): string {
  const { items } = subscriptionOf(schedule);
  const item = items.data.find(({ id }) => id === itemRef);
  if (item) return item.price.id;
  throw new AppError("gateway_refused", "The subscription has no such item any more.");
}

/** What a phase says besides its items and its time. What is not said again would be dropped. */
function likePhase(phase: Phase): Omit<PhaseAsked, "items"> {
  const method = idIn(phase.default_payment_method);
  const discounts = phase.discounts.map(discountAsked);
  const taxes = phase.default_tax_rates ?? [];
  return {
    ...(phase.automatic_tax?.enabled && { automatic_tax: taxLike(phase.automatic_tax) }),
    ...(phase.collection_method && { collection_method: phase.collection_method }),
    ...(method && { default_payment_method: method }),
    ...(phase.description && { description: phase.description }),
    ...(discounts.length > 0 && { discounts }),
    ...(taxes.length > 0 && { default_tax_rates: taxes.map(({ id }) => id) }),
    ...(phase.invoice_settings?.days_until_due && {
      invoice_settings: { days_until_due: phase.invoice_settings.days_until_due },
    }),
    ...(phase.application_fee_percent && {
      application_fee_percent: phase.application_fee_percent,
    }),
    ...(phase.on_behalf_of && { on_behalf_of: idOf(phase.on_behalf_of) }),
    ...(phase.transfer_data && { transfer_data: transferLike(phase.transfer_data) }),
  };
}

/** What belongs to the present phase alone; its metadata would undo later edits if it came again. */
function timeOf({ start_date, end_date, trial_end, metadata }: Phase) {
  return {
    start_date,
    end_date,
    ...(trial_end && { trial_end }),
    ...(metadata && Object.keys(metadata).length > 0 && { metadata }),
  };
}

/** Stripe leaves out an item's metadata when it makes a schedule: the subscription still has them. */
function itemsOf(schedule: Schedule, { items }: Phase): PhaseAsked["items"] {
  const held = subscriptionOf(schedule).items.data;
  return items.map((item) => {
    const price = idOf(item.price);
    const own = item.metadata ?? {};
    const metadata =
      Object.keys(own).length > 0
        ? own
        : (held.find((each) => each.price.id === price)?.metadata ?? {});
    const taxes = item.tax_rates ?? [];
    return {
      price,
      ...(item.quantity !== undefined && { quantity: item.quantity }),
      ...(Object.keys(metadata).length > 0 && { metadata }),
      ...(taxes.length > 0 && { tax_rates: taxes.map(({ id }) => id) }),
      ...(item.discounts.length > 0 && { discounts: item.discounts.map(discountAsked) }),
    };
  });
}

function changed(items: PhaseAsked["items"], price: string, to: Wanted): PhaseAsked["items"] {
  return items.map((item) =>
    item.price === price ? { ...item, price: to.priceRef, quantity: to.quantity } : item,
  );
}

/** A discount that is there is named itself: its coupon would begin anew. */
function discountAsked({ discount, coupon, promotion_code }: Phase["discounts"][number]) {
  if (discount) return { discount: idOf(discount) };
  if (coupon) return { coupon: idOf(coupon) };
  return promotion_code ? { promotion_code: idOf(promotion_code) } : {};
}

function taxLike({
  enabled,
  liability,
}: Stripe.SubscriptionSchedule.Phase.AutomaticTax): PhaseAsked["automatic_tax"] & object {
  const account = idIn(liability?.account);
  return {
    enabled,
    ...(liability && { liability: { type: liability.type, ...(account && { account }) } }),
  };
}

function transferLike({
  destination,
  amount_percent,
}: Stripe.SubscriptionSchedule.Phase.TransferData) {
  return { destination: idOf(destination), ...(amount_percent && { amount_percent }) };
}
