import type { GatewayCommands } from "../../asking.ts";
import { createPrice, createProduct, setPriceOnSale, setProduct } from "./catalogue.ts";
import { changeNow, dropUnpaidChange, lookForChange } from "./change.ts";
import { expireCheckout, startCheckout } from "./checkout.ts";
import { createCustomer, setBillingDetails } from "./customer.ts";
import { cancelAtPeriodEnd, cancelNow, extendTrial, keep, pause, unpause } from "./ending.ts";
import { credit, refund } from "./granting.ts";
import { methodPage, removeMethod, setDefaultMethod } from "./methods.ts";
import { payInvoice } from "./paying.ts";
import { previewChange } from "./preview.ts";
import { changeAtRenewal, dropPlannedChange, letScheduleGo } from "./schedule.ts";

/** What Stripe can be asked. Whatever is sent again, after whichever step, comes to the same. */
export const commands: GatewayCommands = {
  createCustomer,
  startCheckout,
  expireCheckout,
  previewChange,
  changeNow,
  lookForChange,
  changeAtRenewal,
  dropPlannedChange,
  letScheduleGo,
  dropUnpaidChange,
  cancelAtPeriodEnd,
  cancelNow,
  keep,
  pause,
  unpause,
  extendTrial,
  methodPage,
  setDefaultMethod,
  removeMethod,
  payInvoice,
  setBillingDetails,
  refund,
  credit,
  createProduct,
  createPrice,
  setProduct,
  setPriceOnSale,
};
