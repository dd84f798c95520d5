import { config } from "../config.ts";
import { AppError } from "../errors.ts";
import type { GatewayName, Mode } from "../gateways/gateway.ts";
import { gateway } from "../gateways/registry.ts";

/** What the environment says about a gateway. It is never written to the database. */
export type FromEnvironment = {
  readonly apiKey: { readonly key: string; readonly mode: Mode } | undefined;
  readonly signingSecret: { readonly secret: string; readonly mode: Mode } | undefined;
  readonly apiBase: string | undefined;
};

/** The variables' names, for pages that say which source is in force. */
export const variables = { apiKey: "STRIPE_SECRET_KEY", signingSecret: "STRIPE_WEBHOOK_SECRET" };

/**
 * The environment's key and secret. The secret takes the mode of the key beside it, else the mode that
 * this deployment runs in. Throws `not_configured` for a value that cannot be one: a deployment with
 * a mistyped variable should say so instead of refusing every webhook.
 */
export function environmentOf(name: GatewayName): FromEnvironment {
  if (name !== "stripe") return { apiKey: undefined, signingSecret: undefined, apiBase: undefined };
  const { secretKey, webhookSecret, apiBase } = config().stripe;
  const adapter = gateway(name);
  const apiKey = secretKey
    ? readVariable(variables.apiKey, () => adapter.checkApiKey(secretKey))
    : undefined;
  const secret = webhookSecret
    ? readVariable(variables.signingSecret, () => adapter.checkSecret(webhookSecret))
    : undefined;
  return {
    apiKey,
    signingSecret: secret ? { secret, mode: apiKey?.mode ?? config().mode } : undefined,
    apiBase,
  };
}

function readVariable<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError(
      "not_configured",
      `${name} in the environment cannot be used. ${cause.message}`,
      { cause },
    );
  }
}
