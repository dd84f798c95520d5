import { Badge } from "#app/_ui/badge.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { allowanceInWords } from "#lib/catalogue/rules.ts";
import type { TierView } from "#lib/catalogue/views.ts";
import { unnamed } from "#lib/seats.ts";

/** What each tier allows, side by side. It scrolls inside its own box where there are many. */
export function TierMatrix({ tiers }: { tiers: readonly TierView[] }) {
  const named = new Map(
    tiers.flatMap((tier) => tier.entitlements.map((each) => [each.key, each] as const)),
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard.
    <section aria-label="What each tier allows" tabIndex={0} className="overflow-x-auto rounded-md">
      <table className="w-full text-sm">
        <thead>
          <tr className="border-b border-line">
            <th scope="col" className="px-4 py-3 text-left text-xs font-medium text-muted">
              Entitlement
            </th>
            {tiers.map((tier) => (
              <th key={tier.id} scope="col" className="min-w-28 px-4 py-3 text-left font-medium">
                <span className="flex flex-wrap items-center gap-2">
                  <TextLink href={`/admin/plans/tiers/${tier.id}`}>{tier.name}</TextLink>
                  {tier.isDefault && <Badge>Default</Badge>}
                </span>
                <span className="block font-mono text-xs font-normal text-muted">{tier.code}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {[...named].map(([key, { name, kind }]) => (
            <tr key={key}>
              <th scope="row" className="px-4 py-2.5 text-left font-normal">
                {name}
                <span className="block font-mono text-xs text-muted">{key}</span>
              </th>
              {tiers.map((tier) => {
                const own = tier.entitlements.find((each) => each.key === key);
                const without = { kind, ...unnamed(key) };
                return (
                  <td key={tier.id} className="px-4 py-2.5 tabular-nums">
                    {own ? (
                      allowanceInWords(own)
                    ) : (
                      <span className="text-muted">
                        {without.isIncluded ? allowanceInWords(without) : "not included"}
                      </span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
          {named.size === 0 && (
            <tr>
              <td colSpan={tiers.length + 1} className="px-4 py-6 text-center text-muted">
                No tier allows anything by name yet. Open one to add features and limits.
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}
