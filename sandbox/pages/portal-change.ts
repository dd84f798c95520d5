import type { Context, Hono } from "hono";
import { html } from "hono/html";
import type Stripe from "stripe";
import { intentOf } from "../billing/invoice-payments.ts";
import type { Box } from "../box.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import type { Answer, Html } from "./document.ts";
import { act, sentBy } from "./form.ts";
import { flag, notice } from "./pieces.ts";
import { type Change, changePlan, isAtPeriodEnd } from "./plan-change.ts";
import { planWords, priceWords } from "./plan-words.ts";
import {
  noVisit,
  portalPage,
  subscriptionIn,
  type Visit,
  visitOf,
  whenDone,
} from "./portal-visit.ts";
import { day, money, sentenceOf } from "./words.ts";

const PATH = "/:id/subscriptions/:subscription/change";

/** The pages on which a subscription goes over to another plan. */
export function changeRoutes(app: Hono, box: Box): void {
  const { world } = box;
  const found = (context: Context) => {
    const visit = visitOf(world, context);
    const subscription = visit && subscriptionIn(world, visit, context);
    return visit?.features.subscription_update.enabled && subscription
      ? { visit, subscription }
      : undefined;
  };
  app.get(PATH, (context): Answer => {
    const it = found(context);
    return it ? choose(context, world, it.visit, it.subscription) : noVisit(context);
  });
  app.get(`${PATH}/confirm`, (context): Answer => {
    const it = found(context);
    if (!it) return noVisit(context);
    const change = changeAsked(context, it.visit, it.subscription);
    return change
      ? confirm(context, world, it.visit, it.subscription, change)
      : choose(context, world, it.visit, it.subscription);
  });
  app.post(`${PATH}/confirm`, async (context) => {
    const it = found(context);
    if (!it) return noVisit(context);
    const { visit, subscription } = it;
    const sent = await sentBy(context);
    const item = subscription.items.data.find(({ id }) => id === sent.item);
    const price = sent.price && mayHave(world, visit, subscription, sent.price) ? sent.price : "";
    if (!item || !price) return choose(context, world, visit, subscription);
    const change = { id: item.id, price, quantity: Number(sent.quantity) || (item.quantity ?? 1) };
    try {
      const after = act(box, () => changePlan(world, visit, subscription, change));
      const intent = intentOf(world, idOf(after.latest_invoice) ?? "");
      if (intent?.status === "requires_action") {
        return context.redirect(`/_pages/3ds/${intent.id}`, 303);
      }
      const said = after.items.data.some((one) => one.price.id === price) ? "changed" : "planned";
      return context.redirect(whenDone(visit, said), 303);
    } catch (error) {
      return confirm(context, world, visit, subscription, change, sentenceOf(error));
    }
  });
}

/** What the configuration offers; without a list of its own, everything that is sold in the currency. */
function plansFor(world: World, { features }: Visit, { currency }: Stripe.Subscription) {
  const offered = features.subscription_update.products?.flatMap(({ prices }) => prices);
  return world
    .all("price")
    .filter((price) => price.active && price.recurring && price.currency === currency)
    .filter((price) => !offered || offered.length === 0 || offered.includes(price.id));
}

function mayHave(world: World, visit: Visit, subscription: Stripe.Subscription, price: string) {
  const confirmed = visit.session.flow?.subscription_update_confirm?.items;
  if (confirmed?.some((item) => item.price === price || item.price === null)) return true;
  return plansFor(world, visit, subscription).some(({ id }) => id === price);
}

/** The change that a visit is for, or that was chosen on the page before. */
function changeAsked(
  context: Context,
  { session }: Visit,
  subscription: Stripe.Subscription,
): Change | undefined {
  const [wanted] = session.flow?.subscription_update_confirm?.items ?? [];
  const items = subscription.items.data;
  const item = wanted ? items.find(({ id }) => id === wanted.id) : items[0];
  const price = wanted ? (wanted.price ?? item?.price.id) : context.req.query("price");
  if (!item || !price) return undefined;
  return { id: item.id, price, quantity: wanted?.quantity ?? item.quantity ?? 1 };
}

function choose(context: Context, world: World, visit: Visit, subscription: Stripe.Subscription) {
  const now = subscription.items.data[0]?.price.id;
  const plans = plansFor(world, visit, subscription).filter(({ id }) => id !== now);
  return portalPage(
    context,
    visit,
    "Change plan",
    html`<div class="stack">
      <h1>Change plan</h1>
      <p class="muted">Now: ${planWords(world, subscription)}</p>
      ${
        plans.length === 0
          ? html`<p>There is no other plan to change to.</p>`
          : html`<form
              class="stack"
              method="get"
              action="${visit.home}/subscriptions/${subscription.id}/change/confirm"
            >
              <fieldset class="stack tight">
                <legend>New plan</legend>
                ${plans.map(
                  (price, place) =>
                    html`<label class="choice">
                      <input type="radio" name="price" value="${price.id}" ${flag("checked", place === 0)} />
                      <span>${priceWords(world, price)}</span>
                    </label>`,
                )}
              </fieldset>
              <div><button class="primary">See what it costs</button></div>
            </form>`
      }
    </div>`,
  );
}

function confirm(
  context: Context,
  world: World,
  visit: Visit,
  subscription: Stripe.Subscription,
  change: Change,
  trouble?: string,
) {
  const price = world.get("price", change.price);
  if (!price) return choose(context, world, visit, subscription);
  const action = `${visit.home}/subscriptions/${subscription.id}/change/confirm`;
  return portalPage(
    context,
    visit,
    "Change plan",
    html`<div class="stack">
      <h1>Change to ${priceWords(world, price, change.quantity)}?</h1>
      <p class="muted">Now: ${planWords(world, subscription)}</p>
      ${trouble ? notice("bad", trouble) : consequence(world, visit, subscription, change)}
      <form class="stack" method="post" action="${action}">
        <input type="hidden" name="item" value="${change.id}" />
        <input type="hidden" name="price" value="${change.price}" />
        <input type="hidden" name="quantity" value="${change.quantity}" />
        <div class="row">
          <button class="primary">Change plan</button>
          <a class="button" href="${visit.home}?home">Leave it</a>
        </div>
      </form>
    </div>`,
  );
}

/** What a change costs today, found by making it and undoing it. */
function consequence(
  world: World,
  visit: Visit,
  subscription: Stripe.Subscription,
  change: Change,
): Html {
  try {
    return world.rehearse(() => {
      const after = changePlan(world, visit, subscription, change);
      const end = after.items.data[0]?.current_period_end ?? visit.now;
      const isBilled = idOf(after.latest_invoice) !== idOf(subscription.latest_invoice);
      const invoice = isBilled ? world.get("invoice", idOf(after.latest_invoice) ?? "") : undefined;
      if (isAtPeriodEnd(world, visit, subscription, change)) {
        return notice("info", `Nothing is charged today. The plan changes on ${day(end)}.`);
      }
      const sum = (amount: number) => money(amount, subscription.currency);
      if (!invoice) {
        return notice("info", `Nothing is charged today. It is on the invoice of ${day(end)}.`);
      }
      if (invoice.total < 0) {
        const credit = `${sum(-invoice.total)} is credited to your balance.`;
        return notice("info", `${credit} It renews on ${day(end)}.`);
      }
      const due = html`<strong class="money">${sum(invoice.amount_due)}</strong>`;
      return notice("info", html`${due} is charged today. It renews on ${day(end)}.`);
    });
  } catch (error) {
    return notice("bad", sentenceOf(error));
  }
}
