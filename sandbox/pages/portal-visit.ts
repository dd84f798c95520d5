import type { Context } from "hono";
import { html } from "hono/html";
import type Stripe from "stripe";
import { clockOf } from "../events/emit.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { type Html, page } from "./document.ts";
import { nothingHere } from "./nothing.ts";

/** Somebody's visit to the portal: whose it is, and what they may do there. */
export type Visit = {
  readonly session: Stripe.BillingPortal.Session;
  readonly customer: Stripe.Customer;
  readonly features: Stripe.BillingPortal.Configuration.Features;
  readonly headline: string | null;
  /** The portal's first page. */
  readonly home: string;
  /** Seconds, by the customer's clock. */
  readonly now: number;
};

/** The visit that an address is about, or a page that says that there is none. */
export function visitOf(world: World, context: Context): Visit | undefined {
  const session = world.get("billing_portal.session", context.req.param("id") ?? "");
  const customer = session && world.get("customer", session.customer);
  const configuration =
    session && world.get("billing_portal.configuration", idOf(session.configuration));
  if (!customer || !configuration) return undefined;
  return {
    session,
    customer,
    features: configuration.features,
    headline: configuration.business_profile.headline,
    home: `/_pages/portal/${session.id}`,
    now: world.now(clockOf(world, customer)),
  };
}

export function noVisit(context: Context): Promise<Response> {
  return nothingHere(context, "This visit to the portal does not exist.");
}

/** The subscription that an address is about, if it is this customer's and goes on. */
export function subscriptionIn(
  world: World,
  { customer }: Visit,
  context: Context,
): Stripe.Subscription | undefined {
  const subscription = world.get("subscription", context.req.param("subscription") ?? "");
  const isTheirs = subscription?.customer === customer.id;
  const isOver = subscription && ["canceled", "incomplete_expired"].includes(subscription.status);
  return isTheirs && !isOver ? subscription : undefined;
}

/** Where a visitor goes who has done what they came for. */
export function whenDone({ session, home }: Visit, said: string): string {
  const after = session.flow?.after_completion;
  if (after?.type === "redirect" && after.redirect) return after.redirect.return_url;
  if (after?.type === "hosted_confirmation") return `${home}/done`;
  return `${home}?home&said=${said}`;
}

/** The title of the portal's first page. */
export const HOME = "Your billing";

/** A page of the portal, with the ways out of it. */
export function portalPage(
  context: Context,
  visit: Visit,
  title: string,
  body: Html,
): Promise<Response> {
  const { session, home } = visit;
  const isFlow = session.flow !== null;
  return page(
    context,
    { title, leadsTo: [session.flow?.after_completion.redirect?.return_url, session.return_url] },
    html`<div class="stack loose">
      <nav class="sections" aria-label="Portal">
        ${session.return_url ? html`<a href="${session.return_url}">← Back</a>` : ""}
        ${isFlow || title === HOME ? "" : html`<a href="${home}">${HOME}</a>`}
      </nav>
      ${body}
    </div>`,
  );
}
