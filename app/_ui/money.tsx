import { formatMoney } from "#lib/money.ts";

/** An amount in its own currency, in figures that line up. Spread a Money into it. */
export function Money({
  amountMinor,
  currency,
}: {
  amountMinor: number | null | undefined;
  currency: string | null | undefined;
}) {
  if (amountMinor == null || !currency) return <span className="text-muted">—</span>;
  return (
    <data value={amountMinor} className="whitespace-nowrap tabular-nums">
      {write(amountMinor, currency)}
    </data>
  );
}

/** A currency that no standard knows must not take the page down: its code stands beside the units. */
function write(amountMinor: number, currency: string): string {
  try {
    return formatMoney({ amountMinor, currency });
  } catch {
    return `${amountMinor} ${currency}`;
  }
}
