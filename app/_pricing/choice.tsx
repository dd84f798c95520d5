import { ChoiceLinks } from "#app/_ui/choice-links.tsx";
import type { Interval } from "#lib/catalogue/rules.ts";

type Chosen = { interval: Interval; currency: string | undefined };

/** By the month or the year, and in which currency; `hrefOf` says where a choice leads. */
export function Choice({
  interval,
  currency,
  currencies,
  hrefOf,
}: Chosen & { currencies: readonly string[]; hrefOf: (chosen: Chosen) => string }) {
  return (
    <div className="flex flex-wrap items-center gap-3">
      <ChoiceLinks
        label="Billing period"
        items={(["month", "year"] as const).map((each) => ({
          label: each === "month" ? "Monthly" : "Yearly",
          href: hrefOf({ interval: each, currency }),
          isChosen: each === interval,
        }))}
      />
      {currencies.length > 1 && (
        <ChoiceLinks
          label="Currency"
          items={currencies.map((code) => ({
            label: code,
            href: hrefOf({ interval, currency: code }),
            isChosen: code === currency,
          }))}
        />
      )}
    </div>
  );
}
