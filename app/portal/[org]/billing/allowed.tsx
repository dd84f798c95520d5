import { Check, Minus } from "lucide-react";
import type { BillingOverview } from "#lib/billing/views.ts";

/** What the plan allows: features that are there or not, and limits. */
export function Allowed({ entitlements }: { entitlements: BillingOverview["entitlements"] }) {
  const limits = entitlements.filter((entitlement) => entitlement.kind === "limit");
  const features = entitlements.filter((entitlement) => entitlement.kind === "feature");
  return (
    <div className="grid gap-6 text-sm sm:grid-cols-2">
      {features.length > 0 && (
        <ul className="grid content-start gap-2">
          {features.map((feature) => (
            <li key={feature.key} className="flex items-start gap-2">
              {feature.isIncluded ? (
                <Check className="mt-0.5 size-4 shrink-0 text-green" aria-hidden="true" />
              ) : (
                <Minus className="mt-0.5 size-4 shrink-0 text-muted" aria-hidden="true" />
              )}
              <span className={feature.isIncluded ? undefined : "text-muted"}>
                {feature.name}
                {!feature.isIncluded && <span> (not included)</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
      {limits.length > 0 && (
        <dl className="grid content-start gap-2">
          {limits.map((limit) => (
            <div key={limit.key} className="flex justify-between gap-4">
              <dt className="text-muted">{limit.name}</dt>
              <dd className="font-medium tabular-nums">{amount(limit)}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

function amount(limit: BillingOverview["entitlements"][number]): string {
  if (!limit.isIncluded) return "none";
  return limit.limitValue === null ? "unlimited" : limit.limitValue.toLocaleString("en");
}
