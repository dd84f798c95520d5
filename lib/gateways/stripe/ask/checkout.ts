import type Stripe from "stripe";
import type { CheckoutAsked, GatewayCommands } from "../../asking.ts";
import { COMMAND_KEY } from "../ahead.ts";
import { wrongAnswer } from "../failures.ts";
import { calling, isRefusal, once, secondsOf } from "./call.ts";

type Params = Stripe.Checkout.SessionCreateParams;

/** The session's own metadata are not copied: each thing that it makes gets them by itself. */
export const startCheckout: GatewayCommands["startCheckout"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const page = await stripe.checkout.sessions.create(
      {
        ...pageOf(asked),
        customer: asked.customerRef,
        client_reference_id: asked.organizationId,
        metadata: metadataOf(asked),
        success_url: pageUrl(asked.successUrl),
        cancel_url: asked.cancelUrl,
        ...(asked.expiresAt && { expires_at: secondsOf(asked.expiresAt) }),
      },
      once(asking, "checkout"),
    );
    return { ref: page.id, url: urlOf(page) };
  });

export const expireCheckout: GatewayCommands["expireCheckout"] = (ref, asking) =>
  calling(asking, async (stripe) => {
    try {
      await stripe.checkout.sessions.expire(ref, {}, once(asking, `expire.${ref}`));
      return "expired";
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const { status } = await stripe.checkout.sessions.retrieve(ref);
      if (status === "complete") return "completed";
      if (status === "expired") return "expired";
      throw error;
    }
  });

/** Where Stripe puts the session's id. */
export function pageUrl(url: string): string {
  return url.replaceAll("{CHECKOUT}", "{CHECKOUT_SESSION_ID}");
}

export function urlOf({ id, url }: Stripe.Checkout.Session): string {
  if (url) return url;
  throw wrongAnswer(`the address of page ${id}`);
}

function pageOf(asked: CheckoutAsked): Pick<Params, "mode"> & Partial<Params> {
  const metadata = metadataOf(asked);
  switch (asked.purpose) {
    case "subscription":
      return {
        mode: "subscription",
        ...sale(asked),
        subscription_data: {
          metadata,
          billing_mode: { type: "flexible" },
          ...(asked.trialDays && { trial_period_days: asked.trialDays }),
        },
      };
    case "payment":
      return {
        mode: "payment",
        ...sale(asked),
        payment_intent_data: { metadata },
        invoice_creation: { enabled: true, invoice_data: { metadata } },
      };
    case "setup":
      return {
        mode: "setup",
        currency: asked.currency.toLowerCase(),
        setup_intent_data: { metadata },
      };
  }
}

/** What the page asks of the payer, their name and address, is kept for later invoices. */
function sale({ items, takesPromotionCodes, worksOutTax }: CheckoutAsked): Partial<Params> {
  return {
    line_items: items.map(({ priceRef, quantity }) => ({ price: priceRef, quantity })),
    customer_update: { address: "auto", name: "auto" },
    ...(takesPromotionCodes && { allow_promotion_codes: true }),
    ...(worksOutTax && { automatic_tax: { enabled: true } }),
  };
}

function metadataOf({ organizationId, commandId }: CheckoutAsked) {
  return { organization_id: organizationId, [COMMAND_KEY]: commandId };
}
