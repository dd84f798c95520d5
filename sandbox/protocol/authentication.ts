import { StripeError } from "./errors.ts";

/** Lets any secret test key in, as `Bearer` or as the user's name of `Basic`; refuses all others with 401. */
export function authenticate(authorization: string | undefined): void {
  const key = keyOf(authorization ?? "");
  if (!key) {
    throw refused(
      "You did not provide an API key. You need to provide your API key in the Authorization " +
        "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See " +
        "https://stripe.com/docs/api#authentication for details, or we can help at " +
        "https://support.stripe.com/.",
    );
  }
  if (key.startsWith("pk_")) {
    throw refused(
      "This API call cannot be made with a publishable API key. Please use a secret API key. You " +
        "can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.",
      "secret_key_required",
    );
  }
  if (!/^sk_test_\w+$/.test(key)) throw refused(`Invalid API Key provided: ${masked(key)}`);
}

function keyOf(authorization: string): string | undefined {
  const [scheme = "", value = ""] = authorization.trim().split(/\s+/);
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() !== "basic") return undefined;
  return Buffer.from(value, "base64").toString().split(":")[0];
}

function masked(key: string): string {
  const kept = /^[a-z]{2}_(?:test|live)_/.exec(key)?.[0] ?? "";
  const rest = key.slice(kept.length);
  return `${kept}${"*".repeat(Math.max(0, Math.min(rest.length, 24) - 4))}${rest.slice(-4)}`;
}

function refused(message: string, code?: string): StripeError {
  return new StripeError(401, {
    type: "invalid_request_error",
    message,
    ...(code === undefined ? {} : { code }),
  });
}
