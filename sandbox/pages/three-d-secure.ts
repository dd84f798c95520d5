import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type Stripe from "stripe";
import type { Box } from "../box.ts";
import { approve, refuse } from "../payments/bank.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { returnAddress } from "./checkout.ts";
import type { Answer } from "./document.ts";
import { page } from "./document.ts";
import { act, sentBy } from "./form.ts";
import { nothingHere } from "./nothing.ts";
import { notice } from "./pieces.ts";
import { money, sentenceOf } from "./words.ts";

type Intent = Stripe.PaymentIntent | Stripe.SetupIntent;

/** The bank's page for 3-D Secure: the holder of the card says yes or no. */
export function threeDSecurePages(box: Box): Hono {
  const { world } = box;
  const app = new Hono();
  app.get("/:id", (context): Answer => {
    const intent = intentAt(world, context);
    return intent ? ask(context, world, intent) : nothingHere(context, "There is no such payment.");
  });
  app.post("/:id", async (context) => {
    const intent = intentAt(world, context);
    if (!intent) return nothingHere(context, "There is no such payment.");
    if (intent.status !== "requires_action") return ask(context, world, intent);
    const { answer } = await sentBy(context);
    const back = wayBack(world, intent);
    try {
      const after = act(box, () =>
        answer === "approve" ? approve(world, intent.id) : refuse(world, intent.id),
      );
      const isDone = after.status === "succeeded" || after.status === "requires_capture";
      return context.redirect(isDone ? back.done(after) : back.refused(after), 303);
    } catch (error) {
      return ask(context, world, intentAt(world, context) ?? intent, sentenceOf(error));
    }
  });
  return app;
}

function intentAt(world: World, context: Context): Intent | undefined {
  const id = context.req.param("id") ?? "";
  return world.get("payment_intent", id) ?? world.get("setup_intent", id);
}

function ask(context: Context, world: World, intent: Intent, trouble?: string) {
  const what =
    intent.object === "payment_intent"
      ? html`A payment of <strong class="money">${money(intent.amount, intent.currency)}</strong> waits.`
      : "A shop wants to keep your card for later payments.";
  if (intent.status !== "requires_action") {
    return page(
      context,
      { title: "3-D Secure", shape: "narrow" },
      html`<div class="stack">
        <h1>The bank has its answer</h1>
        ${trouble ? notice("bad", trouble) : ""}
        <p>Nothing is asked here any more.</p>
        <p><a href="${wayBack(world, intent).home}">Go back</a></p>
      </div>`,
    );
  }
  return page(
    context,
    {
      title: "3-D Secure",
      shape: "narrow",
      leadsTo: [wayBack(world, intent).done(intent), returnUrlOf(intent)],
    },
    html`<form class="card stack" method="post">
      <p class="small muted">Your bank · 3-D Secure</p>
      <h1>Is it you?</h1>
      <p>${what} Your bank asks whether it is you who wants it.</p>
      ${trouble ? notice("bad", trouble) : ""}
      <div class="pair">
        <button class="primary" name="answer" value="approve">Approve</button>
        <button class="danger" name="answer" value="refuse">Refuse</button>
      </div>
    </form>`,
  );
}

/** Where the holder goes after answering: to the shop, or back to the page that they came from. */
function wayBack(world: World, intent: Intent) {
  const session = sessionOf(world, intent);
  if (session) {
    const home = `/_pages/checkout/${session.id}`;
    return { home, done: () => returnAddress(session), refused: () => `${home}?refused` };
  }
  const told = returnUrlOf(intent);
  if (told) {
    const address = (after: Intent) => withStatus(told, after);
    return { home: told, done: address, refused: address };
  }
  const invoice = invoiceOf(world, intent);
  const home = invoice === undefined ? "/_sandbox" : `/_pages/invoice/${invoice}`;
  return { home, done: () => home, refused: () => (invoice ? `${home}?refused` : home) };
}

function sessionOf(world: World, intent: Intent) {
  const plan = world.all("checkout_plan").find(({ pending }) => pending?.intent === intent.id);
  return plan && world.get("checkout.session", plan.id);
}

function invoiceOf(world: World, intent: Intent): string | undefined {
  const payment = world
    .all("invoice_payment")
    .findLast((known) => known.payment.payment_intent === intent.id);
  return idOf(payment?.invoice);
}

function returnUrlOf(intent: Intent): string | undefined {
  const url = intent.next_action?.redirect_to_url?.return_url;
  return url && /^https?:$/.test(URL.parse(url)?.protocol ?? "") ? url : undefined;
}

/** Stripe adds the intent and its secret to the address it was told. */
function withStatus(address: string, intent: Intent): string {
  const url = new URL(address);
  url.searchParams.set(intent.object, intent.id);
  if (intent.client_secret) {
    url.searchParams.set(`${intent.object}_client_secret`, intent.client_secret);
  }
  url.searchParams.set("redirect_status", intent.status === "succeeded" ? "succeeded" : "failed");
  return url.href;
}
