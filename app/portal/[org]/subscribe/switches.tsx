import { clsx } from "clsx";
import Link from "next/link";
import { type Query, withChoice } from "./query.ts";

type Chosen = Query & { interval: "month" | "year"; currency: string | undefined };

/** By the month or the year, and in which currency: links, so that the address says it. */
export function Switches({
  base,
  query,
  currencies,
}: {
  base: string;
  query: Chosen;
  currencies: readonly string[];
}) {
  const to = (change: Query) => withChoice(`${base}/subscribe`, { ...query, ...change });
  return (
    <div className="flex flex-wrap gap-3">
      <nav aria-label="Billing period" className={GROUP}>
        <Way href={to({ interval: "month" })} isChosen={query.interval === "month"}>
          Monthly
        </Way>
        <Way href={to({ interval: "year" })} isChosen={query.interval === "year"}>
          Yearly
        </Way>
      </nav>
      {currencies.length > 1 && (
        <nav aria-label="Currency" className={GROUP}>
          {currencies.map((code) => (
            <Way key={code} href={to({ currency: code })} isChosen={code === query.currency}>
              {code}
            </Way>
          ))}
        </nav>
      )}
    </div>
  );
}

const GROUP = "flex flex-wrap gap-0.5 rounded-md bg-sunken p-1";

function Way({ href, isChosen, children }: { href: string; isChosen: boolean; children: string }) {
  return (
    <Link
      href={href}
      scroll={false}
      aria-current={isChosen || undefined}
      className={clsx(
        "inline-flex min-h-9 items-center rounded-[6px] px-4 text-sm font-medium",
        isChosen
          ? "bg-surface text-ink shadow-[0_0_0_1px_var(--color-line)]"
          : "text-muted hover:text-ink",
      )}
    >
      {children}
    </Link>
  );
}
