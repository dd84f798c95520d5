import { clsx } from "clsx";
import Link from "next/link";
import type { ReactNode } from "react";
import type { Interval } from "#lib/catalogue/rules.ts";

type Chosen = { interval: Interval; currency: string | undefined };

/** By the month or the year, and in which currency: links, so that the address says it. */
export function Choice({
  interval,
  currency,
  currencies,
}: Chosen & { currencies: readonly string[] }) {
  return (
    <div className="flex flex-wrap items-center justify-center gap-3">
      <Group label="Billing period">
        <Way
          href={hrefOf({ interval: "month", currency }, currencies)}
          isChosen={interval === "month"}
        >
          Monthly
        </Way>
        <Way
          href={hrefOf({ interval: "year", currency }, currencies)}
          isChosen={interval === "year"}
        >
          Yearly
        </Way>
      </Group>
      {currencies.length > 1 && (
        <Group label="Currency">
          {currencies.map((code) => (
            <Way
              key={code}
              href={hrefOf({ interval, currency: code }, currencies)}
              isChosen={code === currency}
            >
              {code}
            </Way>
          ))}
        </Group>
      )}
    </div>
  );
}

/** What is chosen by itself is left out of the address. */
function hrefOf({ interval, currency }: Chosen, currencies: readonly string[]): string {
  const query = new URLSearchParams();
  if (interval === "year") query.set("interval", interval);
  if (currency && currency !== currencies[0]) query.set("currency", currency);
  return query.size > 0 ? `/?${query}` : "/";
}

function Group({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav aria-label={label} className="flex flex-wrap gap-0.5 rounded-md bg-sunken p-1">
      {children}
    </nav>
  );
}

function Way({
  href,
  isChosen,
  children,
}: {
  href: string;
  isChosen: boolean;
  children: ReactNode;
}) {
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
