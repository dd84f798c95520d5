import { AppError } from "../../errors.ts";
import type { Gateway } from "../../gateways/adapter.ts";
import type { Asking } from "../../gateways/asking.ts";
import type { Mode } from "../../gateways/gateway.ts";
import { gateway as gatewayNamed } from "../../gateways/registry.ts";
import { connectionOf } from "../../settings/secrets.ts";
import { SECOND } from "../../time.ts";
import { intentionOf, keyOf } from "./intention.ts";
import type { CommandRow, Errand } from "./kind.ts";

/** How long one sending of a command may take; nobody else sends it meanwhile. */
export const SEND_LIMIT_SECONDS = 25;
const READ_LIMIT = 15 * SECOND;

/** With what a command is sent. */
export async function errandFor(command: CommandRow): Promise<Errand> {
  const key = (step: string) => keyOf(command.intention, step);
  return { ...(await asking(command, SEND_LIMIT_SECONDS * SECOND)), command, key };
}

/** With what a gateway is asked for something that changes nothing, such as a preview. */
export async function reading(place: {
  gateway: string;
  mode: Mode;
}): Promise<Asking & { gateway: Gateway }> {
  const key = () => {
    throw new Error("What only reads has no idempotency key.");
  };
  return { ...(await asking(place, READ_LIMIT)), key };
}

/** With what a gateway is asked to put away what is over, so that nobody needs to have wished it. */
export async function tidying(
  place: { gateway: string; mode: Mode },
  what: string,
): Promise<Asking & { gateway: Gateway }> {
  const intention = intentionOf({
    kind: "tidy",
    ...place,
    object: what,
    wanted: null,
    revision: "",
  });
  return { ...(await asking(place, READ_LIMIT)), key: (step) => keyOf(intention, step) };
}

async function asking({ gateway: name, mode }: { gateway: string; mode: Mode }, limitMs: number) {
  const gateway = gatewayNamed(name);
  const connection = await connectionOf(name, mode);
  if (!connection) {
    throw new AppError(
      "not_configured",
      `There is no API key for ${gateway.title} in ${mode} mode, so nothing can be asked of it.`,
      { refusesWhoAsks: true },
    );
  }
  return { gateway, connection, signal: AbortSignal.timeout(limitMs) };
}
