import type Stripe from "stripe";
import type { z } from "zod";
import { emit } from "../events/emit.ts";
import { invalid, missing } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { listOf, natural, oneOf, params, text, unmodelled } from "../protocol/params.ts";
import type { World } from "../state/world.ts";
import { defaultConfiguration } from "./portal-configurations.ts";

type Flow = Stripe.BillingPortal.Session.Flow;

const flowData = params<Stripe.BillingPortal.SessionCreateParams.FlowData>()({
  after_completion: params<Stripe.BillingPortal.SessionCreateParams.FlowData.AfterCompletion>()({
    hosted_confirmation:
      params<Stripe.BillingPortal.SessionCreateParams.FlowData.AfterCompletion.HostedConfirmation>()(
        { custom_message: text().max(500).optional() },
      ).optional(),
    redirect: params<Stripe.BillingPortal.SessionCreateParams.FlowData.AfterCompletion.Redirect>()({
      return_url: text(),
    }).optional(),
    type: oneOf(["hosted_confirmation", "portal_homepage", "redirect"]),
  }).optional(),
  subscription_cancel:
    params<Stripe.BillingPortal.SessionCreateParams.FlowData.SubscriptionCancel>()({
      retention: unmodelled(),
      subscription: text(),
    }).optional(),
  subscription_pause: unmodelled(),
  subscription_update:
    params<Stripe.BillingPortal.SessionCreateParams.FlowData.SubscriptionUpdate>()({
      subscription: text(),
    }).optional(),
  subscription_update_confirm:
    params<Stripe.BillingPortal.SessionCreateParams.FlowData.SubscriptionUpdateConfirm>()({
      discounts: unmodelled(),
      items: listOf(
        params<Stripe.BillingPortal.SessionCreateParams.FlowData.SubscriptionUpdateConfirm.Item>()({
          id: text(),
          price: text().optional(),
          quantity: natural().optional(),
        }),
      )
        .min(1)
        .max(1),
      subscription: text(),
    }).optional(),
  type: oneOf([
    "payment_method_update",
    "subscription_cancel",
    "subscription_update",
    "subscription_update_confirm",
  ]),
});

const createParams = params<Stripe.BillingPortal.SessionCreateParams>()({
  after_expiration: unmodelled(),
  configuration: text().optional(),
  customer: text(),
  customer_account: unmodelled(),
  flow_data: flowData.optional(),
  locale: oneOf(["auto", "en"]).optional(),
  on_behalf_of: unmodelled(),
  return_url: text().optional(),
});

export const portalSessionOperations: readonly Operation[] = [
  operation("POST /v1/billing_portal/sessions", createParams, ({ world, params, origin }) =>
    createPortalSession(world, params, origin),
  ),
];

function createPortalSession(
  world: World,
  given: z.output<typeof createParams>,
  origin: string,
): Stripe.BillingPortal.Session {
  const customer = mustFind(world, "customer", given.customer, { param: "customer" });
  const configuration =
    given.configuration === undefined
      ? defaultConfiguration(world)
      : mustFind(world, "billing_portal.configuration", given.configuration, {
          param: "configuration",
        });
  if (!configuration.active) {
    throw invalid("You cannot create a portal session with an inactive configuration.", {
      param: "configuration",
    });
  }
  const flow = given.flow_data
    ? flowFrom(world, given.flow_data, configuration, customer.id)
    : null;
  const id = world.newId("bps");
  const session = world.put("billing_portal.session", {
    id,
    object: "billing_portal.session",
    configuration: configuration.id,
    created: world.now(null),
    customer: customer.id,
    customer_account: null,
    flow,
    livemode: false,
    locale: given.locale ?? null,
    on_behalf_of: null,
    return_url: given.return_url ?? configuration.default_return_url,
    url: `${origin}/_pages/portal/${id}`,
  } satisfies Stripe.BillingPortal.Session);
  emit(world, "billing_portal.session.created", session);
  return session;
}

function flowFrom(
  world: World,
  given: z.output<typeof flowData>,
  { features }: Stripe.BillingPortal.Configuration,
  customer: string,
): Flow {
  const isOn = {
    payment_method_update: features.payment_method_update.enabled,
    subscription_cancel: features.subscription_cancel.enabled,
    subscription_update: features.subscription_update.enabled,
    subscription_update_confirm: features.subscription_update.enabled,
  }[given.type];
  if (!isOn) {
    throw invalid(
      `The flow \`${given.type}\` cannot be used: its feature is disabled in the portal configuration.`,
      { param: "flow_data[type]" },
    );
  }
  const blank: Flow = {
    after_completion: afterCompletion(given.after_completion),
    customer_update: null,
    subscription_cancel: null,
    subscription_pause: null,
    subscription_update: null,
    subscription_update_confirm: null,
    type: given.type,
  };
  if (given.type === "payment_method_update") return blank;
  const asked = given[given.type];
  const param = `flow_data[${given.type}]`;
  if (!asked) {
    throw invalid(`Missing required param: ${param}.`, { code: "parameter_missing", param });
  }
  const subscription = mustFind(world, "subscription", asked.subscription, {
    param: `${param}[subscription]`,
  });
  if (subscription.customer !== customer) {
    throw missing("subscription", subscription.id, `${param}[subscription]`);
  }
  if (subscription.status === "canceled" || subscription.status === "incomplete_expired") {
    throw invalid("This subscription has ended and cannot be changed.", { param });
  }
  if (given.type === "subscription_cancel" && subscription.cancel_at_period_end) {
    throw invalid("The subscription is already set to be canceled at the period's end.", { param });
  }
  return { ...blank, [given.type]: detailsOf(world, given, subscription) };
}

function detailsOf(
  world: World,
  given: z.output<typeof flowData>,
  subscription: Stripe.Subscription,
) {
  switch (given.type) {
    case "subscription_cancel":
      return { retention: null, subscription: subscription.id };
    case "subscription_update_confirm":
      return {
        discounts: null,
        items: (given.subscription_update_confirm?.items ?? []).map((item, place) => {
          const param = `flow_data[subscription_update_confirm][items][${place}]`;
          if (!subscription.items.data.some(({ id }) => id === item.id)) {
            throw missing("subscription item", item.id, `${param}[id]`);
          }
          if (item.price) mustFind(world, "price", item.price, { param: `${param}[price]` });
          const { id, price = null, quantity } = item;
          return quantity === undefined ? { id, price } : { id, price, quantity };
        }),
        subscription: subscription.id,
      };
    default:
      return { subscription: subscription.id };
  }
}

function afterCompletion(given: z.output<typeof flowData>["after_completion"]) {
  const type = given?.type ?? "portal_homepage";
  if (type === "redirect" && !given?.redirect) {
    const param = "flow_data[after_completion][redirect]";
    throw invalid(`Missing required param: ${param}.`, { code: "parameter_missing", param });
  }
  return {
    hosted_confirmation:
      type === "hosted_confirmation"
        ? { custom_message: given?.hosted_confirmation?.custom_message ?? null }
        : null,
    redirect: type === "redirect" ? { return_url: given?.redirect?.return_url ?? "" } : null,
    type,
  };
}
