import type { GatewayCommands } from "../../asking.ts";
import { calling, declineOf, isRefusal, isWithoutMethod, once } from "./call.ts";
import { outcomeOf } from "./paid.ts";

/**
 * Whatever the bank says, the invoice itself tells what came of it. A person is there to approve, so
 * the bank may ask for that.
 */
export const payInvoice: GatewayCommands["payInvoice"] = ({ invoiceRef, methodRef }, asking) =>
  calling(asking, async (stripe) => {
    try {
      await stripe.invoices.pay(
        invoiceRef,
        { off_session: false, ...(methodRef && { payment_method: methodRef }) },
        once(asking, "pay"),
      );
    } catch (error) {
      const isNoMoney = declineOf(error) || isWithoutMethod(error);
      if (!isNoMoney && !(isRefusal(error) && (await isPaid()))) throw error;
    }
    return outcomeOf(stripe, invoiceRef);

    async function isPaid() {
      return (await stripe.invoices.retrieve(invoiceRef)).status === "paid";
    }
  });
