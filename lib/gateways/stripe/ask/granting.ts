import type Stripe from "stripe";
import { beginningOf } from "#lib/text.ts";
import type { GatewayCommands } from "../../asking.ts";
import { COMMAND_KEY } from "../ahead.ts";
import { writtenOf } from "../minor-units.ts";
import { calling, once } from "./call.ts";

/** Money back by the way that it came. */
export const refund: GatewayCommands["refund"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const { paymentRef, amountMinor, reason, commandId } = asked;
    const isCharge = /^(?:ch|py)_/.test(paymentRef);
    const { currency } = isCharge
      ? await stripe.charges.retrieve(paymentRef)
      : await stripe.paymentIntents.retrieve(paymentRef);
    const { id } = await stripe.refunds.create(
      {
        ...(isCharge ? { charge: paymentRef } : { payment_intent: paymentRef }),
        amount: writtenOf(amountMinor, currency),
        reason: "requested_by_customer",
        metadata: { [COMMAND_KEY]: commandId, reason: beginningOf(reason, METADATA_LENGTH_MAX) },
      },
      once(asking, "refund"),
    );
    return { ref: id };
  });

/** Stripe writes a credit below zero. */
export const credit: GatewayCommands["credit"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const { customerRef, amountMinor, currency, reason } = asked;
    const params: Stripe.CustomerCreateBalanceTransactionParams = {
      amount: 0 - writtenOf(amountMinor, currency),
      currency: currency.toLowerCase(),
      description: beginningOf(reason, DESCRIPTION_LENGTH_MAX),
    };
    await stripe.customers.createBalanceTransaction(customerRef, params, once(asking, "credit"));
  });

const METADATA_LENGTH_MAX = 500;
const DESCRIPTION_LENGTH_MAX = 350;
