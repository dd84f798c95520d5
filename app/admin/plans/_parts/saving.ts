import { outcomeOf } from "#app/_server/asked.ts";
import { fieldsOf } from "#app/_server/attempt.ts";
import { readMode } from "#app/_server/mode.ts";
import type { CommandRow } from "#lib/billing/asking/kind.ts";
import { amountOf } from "#lib/catalogue/rules.ts";
import { AppError } from "#lib/errors.ts";
import type { Mode } from "#lib/gateways/gateway.ts";
import type { Row } from "./rows.ts";

/** What was done at the gateways beside, for the person who asked. */
export type ToldBeside = { readonly sentences: readonly string[]; readonly isRefused: boolean };

/**
 * Asks each gateway that was ticked for the same as was just done here. That stays done whatever they
 * answer: what is refused is said, and shows on the page of what is sold as a difference.
 */
export async function alsoThere(
  data: FormData,
  tick: "sell" | "withdraw",
  ask: (place: { gateway: string; mode: Mode }) => Promise<CommandRow | undefined>,
): Promise<ToldBeside> {
  const sentences: string[] = [];
  let isRefused = false;
  for (const [name, value] of Object.entries(fieldsOf(data))) {
    const [, gateway] = new RegExp(`^${tick}\\.([a-z]{1,32})$`).exec(name) ?? [];
    const mode = readMode(value);
    if (!gateway || !mode) continue;
    try {
      const command = await ask({ gateway, mode });
      if (command) sentences.push(await outcomeOf(command));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      sentences.push(error.message);
      isRefused = true;
    }
  }
  return { sentences, isRefused };
}

/** The amount and currency of a row of prices; a fault is the row's own. */
export function moneyIn({ fields }: Row, place: number): { currency: string; amountMinor: number } {
  const currency = (fields.currency ?? "").trim().toUpperCase();
  try {
    return { currency, amountMinor: amountOf(fields.amount ?? "", currency).amountMinor };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const field = /^[A-Z]{3}$/.test(currency) ? "amount" : "currency";
    const { code, message } = error;
    throw new AppError(code, message, { fields: { [`prices.${place}.${field}`]: message } });
  }
}

/** What is no number is left to the command to refuse, in its own words. */
export function numberOf(written: string): number {
  return /^\s*-?\d+\s*$/.test(written) ? Number(written) : Number.NaN;
}
