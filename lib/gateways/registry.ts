import { AppError } from "../errors.ts";
import type { Gateway } from "./adapter.ts";
import type { GatewayName } from "./gateway.ts";
import { stripe } from "./stripe/stripe.ts";

/** Every payment company that Billhook speaks to. A new one is a folder and a line here. */
const GATEWAYS: Readonly<Record<GatewayName, Gateway>> = { stripe };

export const gatewayNames: readonly GatewayName[] = Object.keys(GATEWAYS);

/** The adapter of that name, or undefined for a name that is none. */
export function findGateway(name: string): Gateway | undefined {
  return Object.hasOwn(GATEWAYS, name) ? GATEWAYS[name] : undefined;
}

/** The adapter of that name, or `not_found`. */
export function gateway(name: string): Gateway {
  const found = findGateway(name);
  if (!found) throw new AppError("not_found", `There is no gateway called "${name}".`);
  return found;
}
