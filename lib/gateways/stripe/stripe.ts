import type { Gateway } from "../adapter.ts";
import { commands } from "./ask/commands.ts";
import { checkApiKey, checkSecret } from "./credentials.ts";
import { eventTypes } from "./event-types.ts";
import { fetchObject, identify } from "./fetch.ts";
import { listEvents } from "./list-events.ts";
import { listOwned } from "./list-owned.ts";
import { listPrices } from "./list-prices.ts";
import { read } from "./read.ts";
import { verify } from "./verify.ts";

/** Stripe, in API versions from 2017 on; asked in 2026-10-28.endive. */
export const stripe: Gateway = {
  name: "stripe",
  title: "Stripe",
  eventTypes,
  deletable: new Set(["customer", "invoice", "price", "product"] as const),
  verify,
  read,
  fetch: fetchObject,
  listEvents,
  listOwned,
  listPrices,
  identify,
  checkSecret,
  checkApiKey,
  commands,
};
