import { CheckField } from "#app/_ui/field.tsx";
import { Section } from "#app/_ui/section.tsx";
import type { Market } from "#lib/billing/selling/views.ts";
import { writtenAmount } from "#lib/catalogue/rules.ts";
import { PriceRows } from "./price-rows.tsx";

type Price = {
  readonly currency: string;
  readonly amountMinor: number;
  readonly interval?: "month" | "year";
  readonly intervalCount?: number;
};

/** What is asked, a row for each, and at which gateways it is to be sold as well. */
export function PricesSection({
  description,
  prices,
  isOnce = false,
  markets,
}: {
  description: string;
  prices: readonly Price[];
  /** Paid once: rows have no period. */
  isOnce?: boolean;
  markets: readonly Market[];
}) {
  const rows = prices.map(({ interval = "month", intervalCount = 1, ...price }) => ({
    amount: writtenAmount(price),
    currency: price.currency,
    interval,
    intervalCount,
  }));
  return (
    <Section title="Prices" description={description}>
      <PriceRows key={JSON.stringify(rows)} initial={rows} isOnce={isOnce} />
      <div className="mt-5 grid gap-3">
        {markets
          .filter(({ canAsk }) => canAsk)
          .map(({ gateway, mode, title }) => (
            <CheckField
              key={gateway}
              name={`sell.${gateway}`}
              value={mode}
              label={`Sell it at ${title} as well (${mode} mode)`}
              hint="Creates the product and the prices that are not there. What is there already stays."
              defaultChecked
            />
          ))}
      </div>
    </Section>
  );
}
