import type { SigningSecret } from "#lib/gateways/gateway.ts";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import type { Verdict } from "#lib/gateways/verdict.ts";
import { bodyOf, customer, event, hmac, liveSecret, testSecret } from "./stripe-objects.ts";

/** When requests arrive, unless a test says otherwise. */
export const now = new Date("2026-11-02T10:00:00Z");
export const seconds = now.getTime() / 1_000;

/** A genuine body, the signature that the test secret makes over it at that time, and one that none makes. */
export const body = bodyOf(event("customer.updated", customer()));
export const right = hmac(body, testSecret.secret, String(seconds));
export const wrong = "0".repeat(64);

/** Judges a request with that header; by default with a test and a live secret. */
export function verify(
  header: string | undefined,
  options: { body?: Buffer; secrets?: readonly SigningSecret[]; at?: Date } = {},
): Verdict {
  return stripe.verify(
    {
      gateway: "stripe",
      headers: header === undefined ? {} : { "stripe-signature": header },
      body: options.body ?? body,
    },
    options.secrets ?? [testSecret, liveSecret],
    options.at ?? now,
  );
}

/** The reason of a refusal, or `proven`. */
export function refusal(verdict: Verdict): string {
  return verdict.kind === "refused" ? verdict.refusal : "proven";
}

/** The sentence for the administrator. */
export function diagnosis(verdict: Verdict): string {
  return verdict.kind === "refused" ? verdict.diagnosis : "";
}
