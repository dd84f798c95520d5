import type { Context, Hono } from "hono";
import { html } from "hono/html";
import type Stripe from "stripe";
import { cancelSubscription, updateSubscription } from "../billing/subscription.ts";
import type { Box } from "../box.ts";
import type { World } from "../state/world.ts";
import type { Answer } from "./document.ts";
import { act, sentBy } from "./form.ts";
import { field, flag, notice } from "./pieces.ts";
import { stopPlanned } from "./plan-change.ts";
import { planWords } from "./plan-words.ts";
import {
  noVisit,
  portalPage,
  subscriptionIn,
  type Visit,
  visitOf,
  whenDone,
} from "./portal-visit.ts";
import { day, sentenceOf } from "./words.ts";

/** What a customer may give as the reason, in words. */
const REASONS = {
  customer_service: "Customer service was not what I expected",
  low_quality: "The quality was not what I expected",
  missing_features: "It lacks something that I need",
  other: "Another reason",
  switched_service: "I use another service now",
  too_complex: "It is too hard to use",
  too_expensive: "It is too expensive",
  unused: "I do not use it enough",
} as const;
type Reason = keyof typeof REASONS;

/** The pages on which a subscription is canceled. */
export function cancelRoutes(app: Hono, box: Box): void {
  const { world } = box;
  const address = "/:id/subscriptions/:subscription/cancel";
  app.get(address, (context): Answer => {
    const visit = visitOf(world, context);
    const subscription = visit && subscriptionIn(world, visit, context);
    if (!visit || !subscription) return noVisit(context);
    return ask(context, world, visit, subscription);
  });
  app.post(address, async (context) => {
    const visit = visitOf(world, context);
    const subscription = visit && subscriptionIn(world, visit, context);
    if (!visit || !subscription || !visit.features.subscription_cancel.enabled) {
      return noVisit(context);
    }
    const sent = await sentBy(context);
    const reason = isReason(sent.reason) ? sent.reason : undefined;
    const details = { feedback: reason, comment: sent.comment?.trim() || undefined };
    try {
      act(box, () => cancel(world, visit, subscription, details));
      const isNow = visit.features.subscription_cancel.mode === "immediately";
      return context.redirect(whenDone(visit, isNow ? "canceled" : "cancels"), 303);
    } catch (error) {
      return ask(context, world, visit, subscription, sentenceOf(error));
    }
  });
}

function cancel(
  world: World,
  { features: { subscription_cancel: how } }: Visit,
  subscription: Stripe.Subscription,
  details: { feedback: Reason | undefined; comment: string | undefined },
): void {
  const { id } = subscription;
  stopPlanned(world, subscription);
  if (how.mode !== "immediately") {
    updateSubscription(world, id, { cancel_at_period_end: true, cancellation_details: details });
    return;
  }
  cancelSubscription(world, id, {
    cancellation_details: details,
    prorate: how.proration_behavior !== "none",
    invoice_now: how.proration_behavior === "always_invoice",
  });
}

function ask(
  context: Context,
  world: World,
  visit: Visit,
  subscription: Stripe.Subscription,
  trouble?: string,
) {
  const how = visit.features.subscription_cancel;
  const end = subscription.items.data[0]?.current_period_end ?? visit.now;
  const isNow = how.mode === "immediately";
  const reasons = how.cancellation_reason.options.filter(isReason);
  return portalPage(
    context,
    visit,
    "Cancel subscription",
    html`<div class="stack">
      <h1>Cancel ${planWords(world, subscription)}?</h1>
      ${trouble ? notice("bad", trouble) : ""}
      ${
        isNow
          ? notice("warn", "It ends at once.")
          : notice(
              "info",
              `It stays as it is until ${day(end)}, and is not charged again. You can change your mind until then.`,
            )
      }
      <form class="stack" method="post">
        ${
          how.cancellation_reason.enabled
            ? html`<fieldset class="stack tight">
                  <legend>Why are you leaving?</legend>
                  ${reasons.map(
                    (reason) =>
                      html`<label class="choice">
                        <input type="radio" name="reason" value="${reason}" ${flag("checked", false)} />
                        <span>${REASONS[reason]}</span>
                      </label>`,
                  )}
                </fieldset>
                ${field({ name: "comment", label: "Anything to add (optional)" })}`
            : ""
        }
        <div class="row">
          <button class="danger">Cancel subscription</button>
          <a class="button" href="${visit.home}?home">Keep it</a>
        </div>
      </form>
    </div>`,
  );
}

function isReason(text: string | undefined): text is Reason {
  return text !== undefined && Object.hasOwn(REASONS, text);
}
