import { html } from "hono/html";
import type Stripe from "stripe";
import type { Box } from "../box.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import type { Html } from "./document.ts";
import { action, badge, field } from "./pieces.ts";
import { planWords } from "./plan-words.ts";
import { cardWords, savedCards } from "./saved-cards.ts";
import { day, money, plain } from "./words.ts";

/** So many customers are shown at once, the newest first. */
const SHOWN_MAX = 25;

/** Customers with what they pay, and what the bank and the card's holder may do. */
export function people({ world }: Box): Html {
  const all = world.all("customer").toReversed();
  const hidden = all.length - SHOWN_MAX;
  return html`<section class="stack" aria-labelledby="customers">
    <h2 id="customers">Customers</h2>
    ${all.length === 0 ? html`<p class="muted">There is none yet. Complete a checkout, or make one by the API.</p>` : ""}
    <div class="columns">${all.slice(0, SHOWN_MAX).map((customer) => person(world, customer))}</div>
    ${hidden > 0 ? html`<p class="muted">${hidden} older ones are not shown.</p>` : ""}
  </section>`;
}

function person(world: World, customer: Stripe.Customer): Html {
  const cards = savedCards(world, customer.id);
  const subscriptions = world.all("subscription").filter((one) => one.customer === customer.id);
  const charges = world
    .all("charge")
    .filter((one) => idOf(one.customer) === customer.id)
    .toReversed();
  const title = customer.name ?? customer.email ?? customer.id;
  return html`<article class="card stack" aria-label="${title}">
    <div class="stack tight">
      <h3>${title}</h3>
      <p class="small muted"><code>${customer.id}</code> ${customer.email ?? ""}</p>
      ${typeof customer.test_clock === "string" ? html`<p class="small muted">Lives by the test clock <code>${customer.test_clock}</code>.</p>` : ""}
    </div>
    ${subscriptions.map((subscription) => subscriptionRow(world, subscription))}
    ${cards.length === 0 ? "" : cardRow(world, customer.id, cards)}
    ${charges.length === 0 ? "" : chargeList(world, charges)}
  </article>`;
}

function subscriptionRow(world: World, subscription: Stripe.Subscription): Html {
  const end = subscription.items.data[0]?.current_period_end;
  const invoice = world.get("invoice", idOf(subscription.latest_invoice) ?? "");
  return html`<div class="stack tight">
    <p class="row">${badge(subscription.status)} <span>${planWords(world, subscription)}</span></p>
    <p class="small muted">
      ${
        subscription.cancel_at
          ? `Ends on ${day(subscription.cancel_at)}.`
          : end && !subscription.ended_at
            ? `Renews on ${day(end)}.`
            : ""
      }
      ${
        invoice && invoice.status !== "draft"
          ? html`Last invoice: <a href="/_pages/invoice/${invoice.id}">${invoice.number}</a>
              ${plain(invoice.status ?? "")}.`
          : ""
      }
    </p>
  </div>`;
}

function cardRow(world: World, customer: string, cards: readonly Stripe.PaymentMethod[]): Html {
  const set = cards.map(({ id }) => world.get("card", id)?.nextCharge).find((next) => next);
  const to = "/_sandbox/do/next-charge";
  return html`<div class="stack tight">
    ${cards.map((method) => html`<p class="small">${cardWords(method)}</p>`)}
    ${
      set
        ? html`<p class="row">
            ${badge("pending", set === "fails" ? "The next charge fails" : "The next charge asks for 3-D Secure")}
            ${action(to, "As usual", { customer, outcome: "" })}
          </p>`
        : html`<p class="row">
            ${action(to, "Next charge fails", { customer, outcome: "fails" })}
            ${action(to, "Next charge asks for 3-D Secure", { customer, outcome: "asks" })}
          </p>`
    }
  </div>`;
}

function chargeList(world: World, charges: readonly Stripe.Charge[]): Html {
  return html`<details>
    <summary>${charges.length === 1 ? "1 payment" : `${charges.length} payments`}</summary>
    <ul class="plain lined">${charges.map((charge) => chargeRow(world, charge))}</ul>
  </details>`;
}

function chargeRow(world: World, charge: Stripe.Charge): Html {
  const disputes = world.all("dispute").filter((one) => idOf(one.charge) === charge.id);
  const waiting = world
    .all("refund")
    .filter((one) => idOf(one.charge) === charge.id && one.status === "pending");
  const isOpen = charge.status === "succeeded" && !charge.refunded;
  return html`<li class="stack tight">
    <p class="row">
      ${badge(charge.status)} <span class="money">${money(charge.amount, charge.currency)}</span>
      <span class="muted small">${day(charge.created)}</span>
      ${charge.amount_refunded > 0 ? html`<span class="small">${money(charge.amount_refunded, charge.currency)} refunded</span>` : ""}
    </p>
    <p class="small muted"><code>${charge.id}</code> ${charge.failure_message ?? ""}</p>
    ${isOpen && disputes.length === 0 ? chargeActions(charge) : ""}
    ${disputes.map(
      (dispute) =>
        html`<div class="row">
          Dispute ${badge(dispute.status)}
          ${disputeOutcomes(dispute.status).map(([outcome, words]) =>
            action("/_sandbox/do/dispute-outcome", words, { dispute: dispute.id, outcome }),
          )}
        </div>`,
    )}
    ${waiting.map(
      ({ id }) =>
        html`<div class="row">
          Refund ${badge("pending")}
          ${action("/_sandbox/do/refund-outcome", "Let it succeed", { refund: id, outcome: "settle" })}
          ${action("/_sandbox/do/refund-outcome", "Let it fail", { refund: id, outcome: "fail" })}
        </div>`,
    )}
  </li>`;
}

function chargeActions(charge: Stripe.Charge): Html {
  const left = charge.amount - charge.amount_refunded;
  return html`<div class="row end">
    <form class="inline" method="post" action="/_sandbox/do/refund">
      <input type="hidden" name="charge" value="${charge.id}" />
      ${field({ id: `amount-${charge.id}`, name: "amount", label: "Amount to refund", value: String(left), inputmode: "numeric" })}
      <button class="small">Refund</button>
    </form>
    ${action("/_sandbox/do/dispute", "Open dispute", { charge: charge.id })}
    ${action("/_sandbox/do/dispute", "Open inquiry", { charge: charge.id, inquiry: "yes" })}
  </div>`;
}

/** What the bank may say next of a dispute. */
function disputeOutcomes(status: string): readonly (readonly [string, string])[] {
  if (status === "lost") return [["appeal", "Allow an appeal"]];
  if (status === "won" || status === "warning_closed" || status === "prevented") return [];
  const ends = [
    ["win", "Win"],
    ["lose", "Lose"],
  ] as const;
  return status.startsWith("warning_")
    ? [
        ["escalate", "Escalate"],
        ["win", "Close"],
      ]
    : ends;
}
