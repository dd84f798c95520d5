import { AppError } from "#lib/errors.ts";
import type { Mode } from "../gateway.ts";

/** Refuses a pasted signing secret that cannot be one, and says what it looks like instead. */
export function checkSecret(pasted: string): string {
  const secret = pasted.trim();
  if (/^whsec_[\w-]{16,250}$/.test(secret)) return secret;
  throw new AppError("invalid_input", `${whatIs(secret)} ${WHERE_SECRETS_ARE}`, {
    fields: { secret: whatIs(secret) },
  });
}

/** Refuses a pasted API key that cannot be one, and says what it looks like instead. */
export function checkApiKey(pasted: string): { key: string; mode: Mode } {
  const key = pasted.trim();
  const mode = /^(?:sk|rk)_(test|live)_\w{8,250}$/.exec(key)?.[1];
  if (mode === "test" || mode === "live") return { key, mode };
  throw new AppError("invalid_input", `${whatIs(key)} ${WHERE_KEYS_ARE}`, {
    fields: { apiKey: whatIs(key) },
  });
}

/** Names the kind of thing, never the thing. */
function whatIs(pasted: string): string {
  if (pasted === "") return "Nothing was pasted.";
  if (/\s/.test(pasted)) return "There is white space in the middle of it.";
  const prefix = PREFIXES.find(([each]) => pasted.startsWith(each));
  return prefix ? `${prefix[1]}.` : "This is nothing that Stripe hands out for this.";
}

const WHERE_SECRETS_ARE =
  "A signing secret starts with whsec_ and is shown in Stripe on the page of the webhook endpoint.";
const WHERE_KEYS_ARE =
  "A secret key starts with sk_test_ or sk_live_, a restricted one with rk_test_ or rk_live_; both are in Stripe under API keys.";

const PREFIXES: readonly (readonly [string, string])[] = [
  ["whsec_", "This begins like a signing secret of a webhook endpoint"],
  ["sk_", "This begins like a secret API key"],
  ["rk_", "This begins like a restricted API key"],
  ["pk_", "This is a publishable API key, which browsers use"],
  ["we_", "This is the id of a webhook endpoint, not its secret"],
  ["acct_", "This is the id of an account"],
  ["https://", "This is an address"],
];
