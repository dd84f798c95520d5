import type Stripe from "stripe";
import { invalid } from "./errors.ts";

/** The version that the sandbox speaks unless asked for an older one. */
export const API_VERSION = "2026-10-28.endive" satisfies Stripe.LatestApiVersion;

/** Older versions that answers and events are rendered in; all of them from before subscriptions lost their period. */
const OLDER: readonly string[] = [
  "2020-08-27",
  "2022-08-01",
  "2022-11-15",
  "2023-08-16",
  "2023-10-16",
  "2024-04-10",
  "2024-06-20",
  "2024-09-30.acacia",
  "2024-10-28.acacia",
  "2024-11-20.acacia",
  "2024-12-18.acacia",
  "2025-01-27.acacia",
  "2025-02-24.acacia",
];

export function isOlder(version: string): boolean {
  return OLDER.includes(version);
}

/** The version to answer in. One that the sandbox cannot render is refused. */
export function versionAsked(header: string | undefined, param = "Stripe-Version"): string {
  if (header === undefined || header === API_VERSION || isOlder(header)) {
    return header ?? API_VERSION;
  }
  if (!/^\d{4}-\d{2}-\d{2}(?:\.[a-z]+)?$/.test(header)) {
    throw invalid(`Invalid Stripe API version: ${header}`, { param });
  }
  throw invalid(
    `The sandbox does not model the API version ${header}. It speaks ${API_VERSION} and the shapes of ${OLDER.join(", ")}.`,
    { code: "sandbox_not_modelled", param },
  );
}
