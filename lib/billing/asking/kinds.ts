import { change, dropPlanned, dropUnpaid } from "../changing/send.ts";
import { cancel, cancelNow, keep, pause, unpause } from "../ending/send.ts";
import { credit, extendTrial, refund } from "../granting/send.ts";
import { giveUp, openOrderPage, orderSettled } from "../ordering/send.ts";
import {
  addMethod,
  payInvoice,
  removeMethod,
  setDefaultMethod,
  setDetails,
} from "../paying/send.ts";
import { publish, rename, withdraw } from "../selling/send.ts";
import { openCheckout } from "../subscribing/send.ts";
import type { Afterwards, Kind } from "./kind.ts";

/** Everything that can be asked, by the name that it has in the database. */
export const KINDS = {
  "subscription.checkout": openCheckout,
  "subscription.change": change,
  "subscription.drop_planned_change": dropPlanned,
  "subscription.drop_unpaid_change": dropUnpaid,
  "subscription.cancel": cancel,
  "subscription.cancel_now": cancelNow,
  "subscription.keep": keep,
  "subscription.pause": pause,
  "subscription.unpause": unpause,
  "subscription.extend_trial": extendTrial,
  "method.add": addMethod,
  "method.set_default": setDefaultMethod,
  "method.remove": removeMethod,
  "invoice.pay": payInvoice,
  "customer.set_details": setDetails,
  "customer.credit": credit,
  "payment.refund": refund,
  "plan.publish": publish,
  "plan.withdraw": withdraw,
  "plan.rename": rename,
  "product.publish": publish,
  "product.withdraw": withdraw,
  "product.rename": rename,
  "order.checkout": openOrderPage,
  "order.give_up": giveUp,
} satisfies Readonly<Record<string, Kind>>;

export type KindName = keyof typeof KINDS;

/** What is written down with the outcome of a command, in the same transaction. */
export const AFTERWARDS: Readonly<Partial<Record<KindName, Afterwards>>> = {
  "order.checkout": orderSettled,
};
