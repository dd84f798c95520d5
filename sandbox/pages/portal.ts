import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type Stripe from "stripe";
import { updateSubscription } from "../billing/subscription.ts";
import type { Box } from "../box.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import type { Answer, Html } from "./document.ts";
import { act } from "./form.ts";
import { action, badge, notice } from "./pieces.ts";
import { stopPlanned } from "./plan-change.ts";
import { planWords, priceWords } from "./plan-words.ts";
import { cancelRoutes } from "./portal-cancel.ts";
import { cardRoutes } from "./portal-card.ts";
import { changeRoutes } from "./portal-change.ts";
import { HOME, noVisit, portalPage, subscriptionIn, type Visit, visitOf } from "./portal-visit.ts";
import { cardWords, savedCards } from "./saved-cards.ts";
import { day, money, sentenceOf } from "./words.ts";

/** What was done last, by the word that the address carries. */
const SAID: Readonly<Record<string, string>> = {
  canceled: "The subscription is canceled.",
  cancels: "The subscription ends with its period. You can change your mind until then.",
  renewed: "The subscription goes on.",
  changed: "The plan is changed.",
  planned: "The plan changes when the period ends.",
  card: "The card is saved and pays from now on.",
};

/** The billing portal: what a customer can do about what they pay. */
export function portalPages(box: Box): Hono {
  const { world } = box;
  const app = new Hono();

  app.get("/:id", (context): Answer => {
    const visit = visitOf(world, context);
    if (!visit) return noVisit(context);
    const flow = flowAddress(visit);
    if (flow && context.req.query("home") === undefined) return context.redirect(flow, 303);
    return home(context, world, visit, SAID[context.req.query("said") ?? ""]);
  });

  app.get("/:id/done", (context): Answer => {
    const visit = visitOf(world, context);
    if (!visit) return noVisit(context);
    const words = visit.session.flow?.after_completion.hosted_confirmation?.custom_message;
    return portalPage(
      context,
      visit,
      "Done",
      html`<div class="stack">
        <h1>Done</h1>
        ${notice("good", words ?? "Your change has been made.")}
      </div>`,
    );
  });

  app.post("/:id/subscriptions/:subscription/undo", (context): Answer => {
    const visit = visitOf(world, context);
    const subscription = visit && subscriptionIn(world, visit, context);
    if (!visit || !subscription) return noVisit(context);
    try {
      act(box, () => {
        if (subscription.cancel_at === null) stopPlanned(world, subscription);
        else updateSubscription(world, subscription.id, { cancel_at_period_end: false });
      });
      return context.redirect(`${visit.home}?home&said=renewed`, 303);
    } catch (error) {
      return home(context, world, visit, undefined, sentenceOf(error));
    }
  });

  cardRoutes(app, box);
  cancelRoutes(app, box);
  changeRoutes(app, box);
  return app;
}

/** The page of the one thing that a visit is for, if it is for one. */
function flowAddress({ session: { flow }, home }: Visit): string | undefined {
  switch (flow?.type) {
    case "payment_method_update":
      return `${home}/card`;
    case "subscription_cancel":
      return `${home}/subscriptions/${flow.subscription_cancel?.subscription}/cancel`;
    case "subscription_update":
      return `${home}/subscriptions/${flow.subscription_update?.subscription}/change`;
    case "subscription_update_confirm":
      return `${home}/subscriptions/${flow.subscription_update_confirm?.subscription}/change/confirm`;
    default:
      return undefined;
  }
}

function home(
  context: Context,
  world: World,
  visit: Visit,
  said: string | undefined,
  trouble?: string,
) {
  const { customer, features } = visit;
  return portalPage(
    context,
    visit,
    HOME,
    html`<div class="stack tight">
        <h1>${HOME}</h1>
        <p class="muted">${visit.headline ?? ""} ${customer.name ?? customer.email ?? customer.id}</p>
      </div>
      ${said ? notice("good", said) : ""} ${trouble ? notice("bad", trouble) : ""}
      ${subscriptions(world, visit)} ${card(world, visit)}
      ${features.invoice_history.enabled ? invoices(world, visit) : ""}`,
  );
}

function subscriptions(world: World, visit: Visit): Html {
  const theirs = world
    .all("subscription")
    .filter((subscription) => subscription.customer === visit.customer.id)
    .toReversed();
  return html`<section class="stack" aria-labelledby="plans">
    <h2 id="plans">Subscriptions</h2>
    ${theirs.length === 0 ? html`<p class="muted">There is none yet.</p>` : ""}
    ${theirs.map((subscription) => subscriptionCard(world, visit, subscription))}
  </section>`;
}

function subscriptionCard(
  world: World,
  { features, home }: Visit,
  subscription: Stripe.Subscription,
): Html {
  const address = `${home}/subscriptions/${subscription.id}`;
  const isOver = ["canceled", "incomplete_expired"].includes(subscription.status);
  const planned = plannedWords(world, subscription);
  const isEnding = subscription.cancel_at !== null;
  const canChange = features.subscription_update.enabled && !isOver && !isEnding;
  const canCancel = features.subscription_cancel.enabled && !isOver && !isEnding;
  return html`<article class="card stack" aria-label="${planWords(world, subscription)}">
    <div class="line">
      <h3>${planWords(world, subscription)}</h3>
      ${badge(subscription.status)}
    </div>
    <p>${fate(subscription)} ${planned ?? ""}</p>
    ${
      isOver
        ? ""
        : html`<div class="row">
            ${canChange ? html`<a class="button small" href="${address}/change">Change plan</a>` : ""}
            ${canCancel ? html`<a class="button small" href="${address}/cancel">Cancel subscription</a>` : ""}
            ${isEnding ? action(`${address}/undo`, "Keep the subscription") : ""}
            ${planned && !isEnding ? action(`${address}/undo`, "Keep the current plan") : ""}
          </div>`
    }
  </article>`;
}

/** The plan that a schedule goes over to next, if there is one. */
function plannedWords(world: World, subscription: Stripe.Subscription): string | undefined {
  const schedule = world.get("subscription_schedule", idOf(subscription.schedule) ?? "");
  const end = schedule?.current_phase?.end_date;
  const next = schedule?.phases.find((phase) => phase.start_date === end);
  const names = next?.items.flatMap(({ price, quantity }) => {
    const known = world.get("price", idOf(price));
    return known ? [priceWords(world, known, quantity ?? 1)] : [];
  });
  return names && end ? `From ${day(end)} it is ${names.join(" and ")}.` : undefined;
}

/** What becomes of a subscription, in a sentence. */
function fate(subscription: Stripe.Subscription): string {
  const end = subscription.items.data[0]?.current_period_end ?? subscription.created;
  if (subscription.ended_at !== null) return `It ended on ${day(subscription.ended_at)}.`;
  if (subscription.cancel_at !== null) return `It ends on ${day(subscription.cancel_at)}.`;
  switch (subscription.status) {
    case "trialing":
      return `The trial ends on ${day(subscription.trial_end ?? end)}; then it is charged.`;
    case "past_due":
    case "unpaid":
      return "The last payment has failed. Update the card or pay the open invoice below.";
    case "incomplete":
      return "The first payment has not succeeded yet.";
    case "paused":
      return "It is paused, and nothing is charged.";
    default:
      return `It renews on ${day(end)}.`;
  }
}

function card(world: World, { customer, features, home }: Visit): Html {
  const cards = savedCards(world, customer.id);
  const inUse = new Set([
    idOf(customer.invoice_settings.default_payment_method),
    ...world
      .all("subscription")
      .filter((one) => one.customer === customer.id && one.ended_at === null)
      .map((one) => idOf(one.default_payment_method)),
  ]);
  return html`<section class="stack" aria-labelledby="cards">
    <h2 id="cards">Cards</h2>
    ${cards.length === 0 ? html`<p class="muted">No card is saved.</p>` : ""}
    <ul class="plain">
      ${cards.map(
        (method) =>
          html`<li class="row">
            <span>${cardWords(method)}</span>
            ${inUse.has(method.id) ? html`<span class="badge info">In use</span>` : ""}
          </li>`,
      )}
    </ul>
    ${
      features.payment_method_update.enabled
        ? html`<p><a class="button small" href="${home}/card">Update card</a></p>`
        : ""
    }
  </section>`;
}

function invoices(world: World, { customer }: Visit): Html {
  const theirs = world
    .all("invoice")
    .filter((invoice) => idOf(invoice.customer) === customer.id && invoice.status !== "draft")
    .toReversed();
  if (theirs.length === 0) return html``;
  return html`<section class="stack" aria-labelledby="invoices">
    <h2 id="invoices">Invoices</h2>
    <ul class="plain lined">
      ${theirs.map(
        (invoice) =>
          html`<li class="row apart">
            <span class="row">
              <a href="/_pages/invoice/${invoice.id}">${invoice.number}</a>
              <span class="muted">${day(invoice.created)}</span>
            </span>
            <span class="row">
              ${badge(invoice.status ?? "draft")}
              <span class="money">${money(invoice.total, invoice.currency)}</span>
            </span>
          </li>`,
      )}
    </ul>
  </section>`;
}
