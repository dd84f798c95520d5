const RULES = new Intl.PluralRules("en");
const NUMBERS = new Intl.NumberFormat("en");

/** "1 price", "1,200 prices": a count with its word, by the rule of the language. */
export function counted(count: number, one: string, other = `${one}s`): string {
  return `${NUMBERS.format(count)} ${RULES.select(count) === "one" ? one : other}`;
}
