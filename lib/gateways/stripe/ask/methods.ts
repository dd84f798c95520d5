import type { GatewayCommands } from "../../asking.ts";
import { COMMAND_KEY } from "../ahead.ts";
import { calling, idOf, once, unless } from "./call.ts";
import { pageUrl, urlOf } from "./checkout.ts";
import { payPlannedWith } from "./schedule.ts";

/** A page that only keeps a card: nothing is paid on it, and it becomes no default by itself. */
export const methodPage: GatewayCommands["methodPage"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const metadata = { [COMMAND_KEY]: asked.commandId };
    const page = await stripe.checkout.sessions.create(
      {
        mode: "setup",
        customer: asked.customerRef,
        currency: asked.currency.toLowerCase(),
        metadata,
        setup_intent_data: { metadata },
        success_url: pageUrl(asked.successUrl),
        cancel_url: asked.cancelUrl,
      },
      once(asking, "method_page"),
    );
    return { url: urlOf(page) };
  });

export const setDefaultMethod: GatewayCommands["setDefaultMethod"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const { customerRef, subscriptionRef, methodRef } = asked;
    await stripe.customers.update(
      customerRef,
      { invoice_settings: { default_payment_method: methodRef } },
      once(asking, "default_of_customer"),
    );
    if (!subscriptionRef) return;
    const { schedule } = await stripe.subscriptions.update(
      subscriptionRef,
      { default_payment_method: methodRef },
      once(asking, "default_of_subscription"),
    );
    if (schedule) await payPlannedWith(stripe, idOf(schedule), methodRef, asking);
  });

export const removeMethod: GatewayCommands["removeMethod"] = (methodRef, asking) =>
  calling(asking, async (stripe) => {
    const isRemoved = async () =>
      (await stripe.paymentMethods.retrieve(methodRef)).customer === null;
    await unless(isRemoved, () =>
      stripe.paymentMethods.detach(methodRef, {}, once(asking, `detach.${methodRef}`)),
    );
  });
