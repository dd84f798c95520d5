import Stripe from "stripe";
import { AppError } from "#lib/errors.ts";
import type { Asking } from "../../asking.ts";
import { clientFor } from "../client.ts";
import { failureOf } from "../failures.ts";

/** Asks Stripe as this deployment. What fails, fails in our words. */
export async function calling<T>(
  { connection, signal }: Asking,
  ask: (stripe: Stripe) => Promise<T>,
): Promise<T> {
  try {
    return await ask(clientFor(connection, signal));
  } catch (error) {
    throw inOurWords(error);
  }
}

/** A key that Stripe does not know is no answer: of what was sent before, under another, it says nothing. */
function inOurWords(error: unknown): AppError {
  const failure = failureOf(error);
  return error instanceof Stripe.errors.StripeAuthenticationError
    ? new AppError("not_configured", failure.message, { cause: error, refusesWhoAsks: true })
    : failure;
}

/** Makes a step happen once. What Stripe answers is what it answered the first time: it may be old. */
export function once(asking: Asking, step: string): Stripe.RequestOptions {
  return { idempotencyKey: asking.key(step) };
}

/** Whether Stripe said no, so that nothing was done, and did not merely fail to answer. */
export function isRefusal(error: unknown): boolean {
  return inOurWords(error).code === "gateway_refused";
}

/** Takes a refusal for granted if what was wanted is so already, by another way. */
export async function unless(
  isSo: () => Promise<boolean>,
  ask: () => Promise<unknown>,
): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!isRefusal(error) || !(await isSo())) throw error;
  }
}

/**
 * Does what something stood in the way of. Where Stripe then says no, that is gone all the same, and nobody
 * may have to find it out by a bill.
 */
export async function afterGivingUp<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new AppError("gateway_refused", `${failureOf(error).message} ${what}`, { cause: error });
  }
}

/** The id of what Stripe answers as an id or, expanded, as the object itself. */
export function idOf(reference: string | { readonly id: string }): string {
  return typeof reference === "string" ? reference : reference.id;
}

/** The whole seconds that Stripe counts in. */
export function secondsOf(at: Date): number {
  return Math.floor(at.getTime() / 1_000);
}

/** The same when nothing is there. */
export function idIn(reference: string | { readonly id: string } | null | undefined) {
  return reference ? idOf(reference) : null;
}

/** The bank's no, which undoes nothing else and is no failure of ours. */
export function declineOf(error: unknown): Stripe.errors.StripeError | undefined {
  return error instanceof Stripe.errors.StripeError && error.statusCode === 402 ? error : undefined;
}

/**
 * Whether there is nothing to pay with. Changing or resuming a subscription says so as something missing
 * that no parameter names (`resource_missing`; an id that is unknown comes with its parameter), and older
 * ways to pay as a card that is `missing`. For paying an invoice only Stripe's sentence is known: it is the
 * last resort, and the invoice is looked at whatever it says.
 */
export function isWithoutMethod(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError)) return false;
  const { statusCode, code, param, message } = error;
  if (statusCode === 402) return code === "missing";
  if (statusCode !== 400) return false;
  const isNamed = code === "resource_missing" && !param;
  return isNamed || /no attached payment source|default[ _]payment[ _]method/i.test(message);
}
