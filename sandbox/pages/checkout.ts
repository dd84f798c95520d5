import type { Context } from "hono";
import { Hono } from "hono";
import { html } from "hono/html";
import type Stripe from "stripe";
import type { Box } from "../box.ts";
import { needsMethod } from "../checkout/complete.ts";
import { hasTrial } from "../checkout/items.ts";
import { completeSession, enterPromotionCode } from "../checkout/session.ts";
import { planOf } from "../checkout/session-object.ts";
import { countryOf, type Totals, totalsOf } from "../checkout/totals.ts";
import { clockOf } from "../events/emit.ts";
import type { World } from "../state/world.ts";
import { cardFields, filled, readCard, testCards } from "./card-form.ts";
import { COSTS_OTHERWISE, checkoutSums, countryField, countryFrom } from "./checkout-tax.ts";
import type { Answer } from "./document.ts";
import { type Html, page } from "./document.ts";
import { act, type Faults, isEmail, type Sent, sentBy } from "./form.ts";
import { nothingHere } from "./nothing.ts";
import { field, notice } from "./pieces.ts";
import { every, moment, money, sentenceOf } from "./words.ts";

type Session = Stripe.Checkout.Session;

type Shown = {
  readonly sent?: Sent;
  readonly faults?: Faults;
  readonly trouble?: string | undefined;
  readonly codeFault?: string | undefined;
};

/** The hosted checkout of a session: what it costs, and a form for a card. */
export function checkoutPages(box: Box): Hono {
  const { world } = box;
  const app = new Hono();
  const sessionAt = (context: Context) =>
    world.get("checkout.session", context.req.param("id") ?? "");

  app.get("/:id", (context): Answer => {
    const session = sessionAt(context);
    if (!session) return nothingHere(context, "There is no such checkout.");
    const trouble = context.req.query("refused") === undefined ? undefined : REFUSED;
    return showSession(context, world, session, { trouble });
  });

  app.post("/:id", async (context) => {
    const session = sessionAt(context);
    if (!session) return nothingHere(context, "There is no such checkout.");
    if (session.status !== "open") return showSession(context, world, session, {});
    const sent = await sentBy(context);
    const again = filled(sent);
    if (again) return showSession(context, world, session, { sent: again });
    if (sent.enter !== undefined) return enterCode(context, box, session, sent);
    return complete(context, box, session, sent);
  });
  return app;
}

const REFUSED =
  "The bank did not confirm that it is you. Nothing was charged. Try again, or use another card.";

function enterCode(context: Context, box: Box, session: Session, sent: Sent) {
  const { world } = box;
  try {
    const changed = act(box, () => enterPromotionCode(world, session, sent.code ?? ""));
    return showSession(context, world, changed, { sent });
  } catch (error) {
    return showSession(context, world, session, { sent, codeFault: sentenceOf(error) });
  }
}

function complete(context: Context, box: Box, opened: Session, sent: Sent) {
  const { world } = box;
  const country = opened.automatic_tax.enabled ? countryFrom(box, opened, sent) : undefined;
  const session = country && "session" in country ? country.session : opened;
  const due = totalsOf(world, planOf(world, session)).total;
  const now = world.now(clockOf(world, session));
  const faults: Record<string, string> = {};
  if (country && "fault" in country) faults.country = country.fault;
  if (asksForEmail(session) && !isEmail(sent.email ?? "")) {
    faults.email = "Enter an e-mail address, such as jenny@example.com.";
  }
  const isCardAsked = needsMethod(session, due);
  const read = isCardAsked ? readCard(sent, now) : undefined;
  if (read && "faults" in read) Object.assign(faults, read.faults);
  if (isCardAsked && !sent.name?.trim()) faults.name = "Enter the name on the card.";
  if (Object.keys(faults).length > 0) return showSession(context, world, session, { sent, faults });
  if (session.amount_total !== opened.amount_total) {
    return showSession(context, world, session, { sent, trouble: COSTS_OTHERWISE });
  }
  try {
    const completion = act(box, () =>
      completeSession(world, session.id, {
        card: read && "card" in read ? read.card : undefined,
        email: sent.email?.trim() || undefined,
        name: sent.name?.trim() || undefined,
      }),
    );
    switch (completion.outcome) {
      case "complete":
        return context.redirect(returnAddress(completion.session), 303);
      case "requires_action":
        return context.redirect(`/_pages/3ds/${completion.intent}`, 303);
      case "declined":
        return showSession(context, world, session, {
          sent,
          trouble: sentenceOf(completion.error),
        });
    }
  } catch (error) {
    return showSession(context, world, session, { sent, trouble: sentenceOf(error) });
  }
}

/** Where a completed session sends its customer; its page where the address is none of the web's. */
export function returnAddress(session: Session): string {
  const address = (session.success_url ?? "").replaceAll("{CHECKOUT_SESSION_ID}", session.id);
  const isWeb = /^https?:$/.test(URL.parse(address)?.protocol ?? "");
  return isWeb ? address : `/_pages/checkout/${session.id}`;
}

function asksForEmail(session: Session): boolean {
  if (session.customer_details?.email) return false;
  return session.customer === null || session.mode !== "setup";
}

function showSession(context: Context, world: World, session: Session, shown: Shown) {
  if (session.status === "complete") return showComplete(context, session);
  if (session.status === "expired") return showExpired(context, session);
  const plan = planOf(world, session);
  const totals = totalsOf(world, plan);
  const isTrial = hasTrial(plan);
  return page(
    context,
    {
      title: HEADINGS[session.mode] ?? "Checkout",
      shape: "two",
      leadsTo: [session.success_url, session.cancel_url],
    },
    html`<section class="aside stack loose" aria-label="Summary">
        ${session.cancel_url ? html`<p><a href="${session.cancel_url}">← Back</a></p>` : ""}
        ${summary(world, session, totals, isTrial)}
        ${session.allow_promotion_codes ? codeForm(session, shown) : ""}
      </section>
      <section class="stack loose" aria-label="Payment">
        <h2>${SECTIONS[session.mode] ?? "Pay with a card"}</h2>
        ${shown.trouble ? notice("bad", shown.trouble) : ""}
        ${needsMethod(session, totals.total) ? testCards() : ""}
        <form class="stack" method="post" novalidate>
          ${payerFields(session, totals, countryOf(world, plan), shown)}
          <button class="primary full">${buttonOf(session, totals, isTrial)}</button>
        </form>
        <p class="small muted">
          This page expires on ${moment(session.expires_at)}.
        </p>
      </section>`,
  );
}

const HEADINGS: Readonly<Record<string, string>> = {
  payment: "Checkout",
  setup: "Save a card",
  subscription: "Subscribe",
};
const SECTIONS: Readonly<Record<string, string>> = {
  payment: "Pay with a card",
  setup: "Save a card for later",
  subscription: "Pay with a card",
};

function summary(world: World, session: Session, totals: Totals, isTrial: boolean): Html {
  if (session.mode === "setup") {
    return html`<div class="stack tight">
      <h1>Save a card</h1>
      <p class="muted">Nothing is charged now. The card is kept for later payments.</p>
    </div>`;
  }
  const [first] = totals.lines;
  const title = totals.lines.length === 1 ? (first?.description ?? "") : "Your order";
  const isPlain = totals.lines.length === 1 && first?.quantity === 1;
  const recurring = totals.lines.find((line) => line.price?.recurring)?.price?.recurring;
  return html`<div class="stack tight">
      <h1>${recurring ? html`Subscribe to ${title}` : title}</h1>
      <p>
        <span class="price">${money(totals.total, totals.currency)}</span>
        <span class="muted">${isTrial ? "today" : every(recurring)}</span>
      </p>
      ${isTrial ? html`<p class="muted">${trialWords(world, session)}</p>` : ""}
    </div>
    ${isPlain ? "" : lineList(totals)}
    ${checkoutSums(totals)}`;
}

function lineList({ lines, currency }: Totals): Html {
  return html`<ul class="plain lined">
    ${lines.map((line) => {
      const each = money(line.price?.unit_amount ?? 0, currency);
      return html`<li>
        <p class="line">
          <strong>${line.description}</strong>
          <span class="money">${money(line.amount_subtotal, currency)}</span>
        </p>
        <p class="small muted">${line.quantity} × ${each} ${every(line.price?.recurring)}</p>
      </li>`;
    })}
  </ul>`;
}

function trialWords(world: World, session: Session): string {
  const data = planOf(world, session).given.subscription_data;
  if (data?.trial_end !== undefined) return `Free until ${moment(data.trial_end)}, then charged.`;
  const days = data?.trial_period_days ?? 0;
  return `Free for ${days === 1 ? "1 day" : `${days} days`}, then charged.`;
}

function codeForm(session: Session, { sent, codeFault }: Shown): Html {
  const isEntered = (session.discounts ?? []).length > 0;
  return html`<form class="stack tight" method="post" novalidate>
    ${field({
      name: "code",
      label: "Promotion code",
      value: sent?.code ?? "",
      error: codeFault,
      hint: isEntered ? "The code is applied. Empty the field to take it away." : undefined,
    })}
    <div><button class="small" name="enter" value="yes">Apply code</button></div>
  </form>`;
}

function payerFields(session: Session, totals: Totals, country: string | null, shown: Shown): Html {
  const { sent = {}, faults = {} } = shown;
  const isCardAsked = needsMethod(session, totals.total);
  const known = session.customer_details?.email;
  return html`${
    asksForEmail(session)
      ? field({
          name: "email",
          label: "E-mail",
          type: "email",
          inputmode: "email",
          autocomplete: "email",
          value: sent.email ?? "",
          error: faults.email,
          required: true,
        })
      : known
        ? html`<p class="small"><span class="muted">E-mail</span> ${known}</p>`
        : ""
  }
    ${session.automatic_tax.enabled ? countryField(country, sent, faults) : ""}
    ${
      isCardAsked
        ? html`${cardFields(sent, faults)}
          ${field({
            name: "name",
            label: "Name on the card",
            autocomplete: "cc-name",
            value: sent.name ?? "",
            error: faults.name,
            required: true,
          })}`
        : html`<p>No card is needed: nothing is due.</p>`
    }`;
}

function buttonOf(session: Session, totals: Totals, isTrial: boolean): string {
  if (session.mode === "setup") return "Save card";
  if (session.mode === "subscription") return isTrial ? "Start trial" : "Subscribe";
  return totals.total === 0 ? "Complete order" : `Pay ${money(totals.total, totals.currency)}`;
}

function showComplete(context: Context, session: Session) {
  const address = returnAddress(session);
  return page(
    context,
    { title: "Done", shape: "narrow" },
    html`<div class="stack">
      <h1>This checkout is complete</h1>
      ${notice("good", "It was paid or agreed to already, and cannot be used again.")}
      ${address.startsWith("http") ? html`<p><a href="${address}">Go on to the shop</a></p>` : ""}
    </div>`,
  );
}

function showExpired(context: Context, session: Session) {
  return page(
    context,
    { title: "Expired", shape: "narrow" },
    html`<div class="stack">
      <h1>This checkout has expired</h1>
      ${notice("warn", "Nothing was charged. Start again where you came from.")}
      ${session.cancel_url ? html`<p><a href="${session.cancel_url}">Back</a></p>` : ""}
    </div>`,
  );
}
