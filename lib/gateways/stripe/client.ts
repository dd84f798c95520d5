import Stripe from "stripe";
import type { Connection } from "../gateway.ts";
import { notStripe } from "./failures.ts";
import { isJson, parseJson } from "./json.ts";

/** The longest that one request to Stripe may take. */
export const TIMEOUT_MS = 8_000;

/** A client for one task: its signal ends every request of it. */
export function clientFor({ apiKey, apiBase }: Connection, signal: AbortSignal): Stripe {
  const base = apiBase ? new URL(apiBase) : undefined;
  return new Stripe(apiKey, {
    apiVersion: "2026-10-28.endive",
    maxNetworkRetries: 0,
    timeout: TIMEOUT_MS,
    telemetry: false,
    httpClient: Stripe.createFetchHttpClient((url, init) => {
      const signals = init?.signal ? [signal, init.signal] : [signal];
      return fetchJson(url, { ...init, redirect: "error", signal: AbortSignal.any(signals) });
    }),
    ...(base && {
      host: base.hostname,
      port: base.port || (base.protocol === "http:" ? 80 : 443),
      protocol: base.protocol === "http:" ? ("http" as const) : ("https" as const),
    }),
  });
}

/**
 * The SDK neither answers nor fails when a body is JSON but no object: it hangs, and a rejection that
 * nobody can catch ends the process. So what is no object does not reach it.
 */
async function fetchJson(url: string | URL | Request, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const body = await response.text();
  if (!isJson(parseJson(body))) throw notStripe(response.status);
  return Object.assign(response, { text: () => Promise.resolve(body) });
}
