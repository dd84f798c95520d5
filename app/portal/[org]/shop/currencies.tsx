import { clsx } from "clsx";
import Link from "next/link";

/** In which currency: links, so that the address says it. */
export function Currencies({
  base,
  currencies,
  currency,
}: {
  base: string;
  currencies: readonly string[];
  currency: string | undefined;
}) {
  return (
    <nav aria-label="Currency" className="flex flex-wrap gap-0.5 rounded-md bg-sunken p-1">
      {currencies.map((code) => (
        <Link
          key={code}
          href={`${base}/shop?currency=${code}`}
          scroll={false}
          aria-current={code === currency || undefined}
          className={clsx(
            "inline-flex min-h-9 items-center rounded-[6px] px-4 text-sm font-medium",
            code === currency
              ? "bg-surface text-ink shadow-[0_0_0_1px_var(--color-line)]"
              : "text-muted hover:text-ink",
          )}
        >
          {code}
        </Link>
      ))}
    </nav>
  );
}
