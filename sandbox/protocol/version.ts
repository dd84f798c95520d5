import type Stripe from "stripe";

/** The version that the sandbox speaks unless asked for an older one. */
export const API_VERSION = "2026-10-28.endive" satisfies Stripe.LatestApiVersion;
