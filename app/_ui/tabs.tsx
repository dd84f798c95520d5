import { clsx } from "clsx";
import Link from "next/link";

export type Tab = { label: string; href: string; current: boolean; count?: number | undefined };

/** Parts of one subject as links, so that the address says which is open. */
export function Tabs({ label, items }: { label: string; items: readonly Tab[] }) {
  return (
    <nav aria-label={label} className="-mb-2 overflow-x-auto border-b border-line">
      <ul className="flex gap-1">
        {items.map((tab) => (
          <li key={tab.href}>
            <Link
              href={tab.href}
              aria-current={tab.current ? "page" : undefined}
              className={clsx(
                "inline-flex min-h-10 items-center gap-2 border-b-2 px-3 text-sm whitespace-nowrap -outline-offset-2",
                tab.current
                  ? "border-accent-text font-medium text-ink"
                  : "border-transparent text-muted hover:text-ink",
              )}
            >
              {tab.label}
              {tab.count !== undefined && (
                <span className="rounded-full bg-grey-soft px-1.5 text-xs text-grey tabular-nums">
                  {tab.count.toLocaleString("en")}
                </span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
