import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { updateSubscription } from "../billing/subscription.ts";
import type { Box } from "../box.ts";
import { methodFrom } from "../payments/methods.ts";
import { confirmSetup, createSetup } from "../payments/setup.ts";
import { updateCustomer } from "../resources/customers.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { cardFields, filled, readCard, testCards } from "./card-form.ts";
import type { Answer } from "./document.ts";
import { act, type Faults, type Sent, sentBy } from "./form.ts";
import { field, notice } from "./pieces.ts";
import { noVisit, portalPage, type Visit, visitOf, whenDone } from "./portal-visit.ts";
import { sentenceOf } from "./words.ts";

type Shown = { sent?: Sent; faults?: Faults; trouble?: string };

const REFUSED = "The bank did not confirm that it is you. The card was not saved.";

/** The pages on which a customer gives another card. */
export function cardRoutes(app: Hono, box: Box): void {
  const { world } = box;
  app.get("/:id/card", (context): Answer => {
    const visit = visitOf(world, context);
    return visit ? show(context, visit, {}) : noVisit(context);
  });
  app.get("/:id/card/return", (context): Answer => {
    const visit = visitOf(world, context);
    const setup = world.get("setup_intent", context.req.query("setup_intent") ?? "");
    if (!visit || setup?.customer !== visit.customer.id) return noVisit(context);
    if (setup.status !== "succeeded") return show(context, visit, { trouble: REFUSED });
    act(box, () => payWith(world, visit.customer.id, idOf(setup.payment_method)));
    return context.redirect(whenDone(visit, "card"), 303);
  });
  app.post("/:id/card", async (context) => {
    const visit = visitOf(world, context);
    if (!visit?.features.payment_method_update.enabled) return noVisit(context);
    const sent = await sentBy(context);
    const again = filled(sent);
    if (again) return show(context, visit, { sent: again });
    return save(context, box, visit, sent);
  });
}

function save(context: Context, box: Box, visit: Visit, sent: Sent) {
  const { world, origin } = box;
  const read = readCard(sent, visit.now);
  if ("faults" in read) return show(context, visit, { sent, faults: read.faults });
  const customer = visit.customer.id;
  try {
    const attempt = act(box, () => {
      const billing = {
        name: sent.name?.trim() || visit.customer.name,
        email: visit.customer.email,
      };
      const method = methodFrom(world, { ...read.card, billing });
      const setup = createSetup(world, { customer, usage: "off_session" });
      const result = confirmSetup(world, setup.id, {
        paymentMethod: method.id,
        returnUrl: `${origin()}${visit.home}/card/return`,
      });
      if (result.outcome === "succeeded") payWith(world, customer, method.id);
      return result;
    });
    if (attempt.outcome === "requires_action") {
      return context.redirect(`/_pages/3ds/${attempt.intent.id}`, 303);
    }
    if (attempt.error) return show(context, visit, { sent, trouble: sentenceOf(attempt.error) });
    return context.redirect(whenDone(visit, "card"), 303);
  } catch (error) {
    return show(context, visit, { sent, trouble: sentenceOf(error) });
  }
}

/**
 * Makes a card the customer's default, and that of subscriptions which have one of their own: Checkout
 * gives them one, and a customer who changes the card means all of them *(memory)*.
 */
function payWith(world: World, id: string, method: string | undefined): void {
  const customer = world.get("customer", id);
  if (!customer || method === undefined) return;
  updateCustomer(world, customer, { invoice_settings: { default_payment_method: method } });
  for (const subscription of world.all("subscription")) {
    if (subscription.customer !== id || subscription.ended_at !== null) continue;
    if (subscription.status === "incomplete_expired") continue;
    if (subscription.default_payment_method === null) continue;
    updateSubscription(world, subscription.id, { default_payment_method: method });
  }
}

function show(context: Context, visit: Visit, { sent = {}, faults = {}, trouble }: Shown) {
  return portalPage(
    context,
    visit,
    "Update card",
    html`<div class="stack">
      <h1>Update card</h1>
      <p class="muted">
        It pays from the next charge on. An invoice that is open already is tried again with it, or you
        pay it yourself.
      </p>
      ${trouble ? notice("bad", trouble) : ""}
      ${testCards()}
      <form class="stack" method="post" novalidate>
        ${cardFields(sent, faults)}
        ${field({
          name: "name",
          label: "Name on the card",
          autocomplete: "cc-name",
          value: sent.name ?? visit.customer.name ?? "",
        })}
        <div class="row">
          <button class="primary">Save card</button>
          <a class="button" href="${visit.home}?home">Leave it</a>
        </div>
      </form>
    </div>`,
  );
}
