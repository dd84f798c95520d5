import { storable } from "./lines.ts";

/**
 * The headers worth keeping beside a body: what proves it, what it claims to be, and what a proxy
 * said about it. An allow-list, so that no cookie or password is ever stored.
 */
export function keptHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of KEPT) {
    const value = headers[name];
    if (value !== undefined) kept[name] = storable(value.slice(0, LENGTH_MAX));
  }
  return kept;
}

const LENGTH_MAX = 2_048;

const KEPT = [
  "stripe-signature",
  "content-type",
  "content-length",
  "user-agent",
  "accept",
  "host",
  "date",
  "x-request-id",
  "request-id",
  "traceparent",
  "via",
  "webhook-id",
  "webhook-timestamp",
  "webhook-signature",
  "x-mollie-signature",
  "paypal-transmission-id",
  "paypal-transmission-time",
  "paypal-transmission-sig",
  "paypal-cert-url",
  "paypal-auth-algo",
] as const;
