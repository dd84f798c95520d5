import { Check } from "lucide-react";
import type { ReactNode } from "react";
import type { Offer } from "#lib/catalogue/offer-rules.ts";
import { allowanceInWords, type Interval } from "#lib/catalogue/rules.ts";
import { exponentOf, formatMoney, type Money } from "#lib/money.ts";

/** One plan: its name, what it costs, what it includes. */
export function OfferCard({
  offer,
  interval,
  currency,
  action,
}: {
  offer: Offer;
  interval: Interval;
  currency: string | undefined;
  /** The way to have it. */
  action: ReactNode;
}) {
  const included = offer.tier.entitlements.filter(({ isIncluded }) => isIncluded);
  const limits = included.filter(({ kind }) => kind === "limit");
  const features = included.filter(({ kind }) => kind === "feature");
  return (
    <li className="grid min-w-0 content-start gap-6 rounded-lg border border-line bg-surface p-6">
      <div className="grid content-start gap-1.5 md:min-h-20">
        <h2 className="text-lg font-semibold tracking-tight">{offer.name}</h2>
        {offer.description && <p className="text-sm text-muted">{offer.description}</p>}
      </div>
      <div className="grid gap-1">
        <Price offer={offer} interval={interval} currency={currency} />
        {interval === "year" && (
          <p className="text-sm text-green md:min-h-5">
            {offer.savedMinor > 0 &&
              currency &&
              `${short({ amountMinor: offer.savedMinor, currency })} less than twelve months`}
          </p>
        )}
      </div>
      {action}
      {included.length > 0 && (
        <ul className="grid gap-2.5 border-t border-line pt-5 text-sm">
          {[...limits, ...features].map((entitlement) => (
            <li key={entitlement.key} className="flex items-start gap-2.5">
              <Check className="mt-0.5 size-4 shrink-0 text-green" aria-hidden="true" />
              <span className="min-w-0">
                {entitlement.name}
                {entitlement.kind === "limit" && (
                  <>
                    {": "}
                    <strong className="font-semibold tabular-nums">
                      {allowanceInWords(entitlement)}
                    </strong>
                  </>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function Price({
  offer: { price, isPerSeat },
  interval,
  currency,
}: {
  offer: Offer;
  interval: Interval;
  currency: string | undefined;
}) {
  if (price === undefined) {
    const how = interval === "month" ? "by the month" : "by the year";
    return (
      <p className="flex min-h-10 items-center text-sm text-muted">
        Not sold {how} in {currency}.
      </p>
    );
  }
  return (
    <p className="flex min-h-10 flex-wrap items-baseline gap-x-2">
      <span className="text-[2.25rem] leading-none font-semibold tracking-tight tabular-nums">
        {price === "free" ? "Free" : short(price)}
      </span>
      {price !== "free" && (
        <span className="text-muted">
          a {interval}
          {isPerSeat && " for each seat"}
        </span>
      )}
    </p>
  );
}

/** Whole amounts without their zeros, as prices are written on a page of prices. */
function short(money: Money): string {
  const unit = 10 ** exponentOf(money.currency);
  if (money.amountMinor % unit !== 0) return formatMoney(money);
  return new Intl.NumberFormat("en", {
    style: "currency",
    currency: money.currency,
    maximumFractionDigits: 0,
  }).format(money.amountMinor / unit);
}
