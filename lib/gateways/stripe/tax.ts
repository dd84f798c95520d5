import { isTrue } from "./concepts.ts";
import { amountAt, type Json, listAt, textAt } from "./json.ts";

/** All tax of an invoice or a credit note: `tax` until basil (2025-03-31), then the sum of `total_taxes`. */
export function taxOf(object: Json): number {
  return amountAt(object, "tax") ?? sumOf(taxesIn(object));
}

/** How much of it the amounts of the lines have in them already. */
export function includedTaxOf(object: Json): number {
  const isIncluded = (part: Json) =>
    textAt(part, "tax_behavior") === "inclusive" || isTrue(part, "inclusive");
  return sumOf(taxesIn(object).filter(isIncluded));
}

/** What is said of each rate; `tax_amounts` is what credit notes called it until basil. */
function taxesIn(object: Json): readonly Json[] {
  const [found = []] = ["total_taxes", "total_tax_amounts", "tax_amounts"]
    .map((name) => listAt(object, name))
    .filter((parts) => parts.length > 0);
  return found;
}

function sumOf(parts: readonly Json[]): number {
  return parts.reduce((sum, part) => sum + (amountAt(part, "amount") ?? 0), 0);
}
