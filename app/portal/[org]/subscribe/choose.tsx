import { Choice } from "#app/_pricing/choice.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Section } from "#app/_ui/section.tsx";
import { perSeatInWords } from "#lib/billing/seat-rules.ts";
import type { Offer } from "#lib/catalogue/offer-rules.ts";
import { priceInWords } from "#lib/catalogue/rules.ts";
import { type Query, withChoice } from "./query.ts";

/** The first step: which plan. */
export function Choose({
  base,
  offers,
  query,
  currencies,
}: {
  base: string;
  offers: readonly Offer[];
  query: Query & { interval: "month" | "year"; currency: string | undefined };
  currencies: readonly string[];
}) {
  return (
    <Section
      title="Plan"
      description="What it costs and when comes next. Nothing is charged before you confirm it."
      actions={
        <Choice
          {...query}
          currencies={currencies}
          hrefOf={(chosen) => withChoice(`${base}/subscribe`, { ...query, ...chosen })}
        />
      }
      flush
    >
      <ul className="divide-y divide-line">
        {offers.map(({ id, name, description, price, isPerSeat }) => (
          <li
            key={id}
            className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 p-4 sm:px-6"
          >
            <div className="grid min-w-0 flex-1 basis-64 gap-1">
              <h3 className="font-medium wrap-anywhere">{name}</h3>
              {description && <p className="max-w-prose text-sm text-muted">{description}</p>}
              <p className="text-sm tabular-nums">
                {price && price !== "free"
                  ? `${priceInWords(price)}${perSeatInWords({ isPerSeat })}`
                  : `Not sold by the ${query.interval} in ${query.currency}.`}
              </p>
            </div>
            {price && (
              <ButtonLink href={withChoice(`${base}/subscribe`, { ...query, plan: id })}>
                Choose {name}
              </ButtonLink>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
