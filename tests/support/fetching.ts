import { afterAll } from "vitest";
import { reloadConfig } from "#lib/config.ts";
import { forgetSecrets } from "#lib/settings/secrets.ts";
import { type StripeStub, startStripeStub } from "./stripe-stub.ts";

/** Puts a scripted Stripe behind the test connection, so that syncs fetch; gone when the file ends. */
export async function fetchFromStub(): Promise<StripeStub> {
  const stub = await startStripeStub();
  fetchFrom(stub);
  afterAll(async () => {
    payloadsOnly();
    await stub.stop();
  });
  return stub;
}

export function fetchFrom(stub: StripeStub): void {
  reloadConfig({ STRIPE_SECRET_KEY: "sk_test_stub0123456789abcdef", STRIPE_API_BASE: stub.url });
  forgetSecrets();
}

export function payloadsOnly(): void {
  reloadConfig({ STRIPE_SECRET_KEY: undefined, STRIPE_API_BASE: undefined });
  forgetSecrets();
}
