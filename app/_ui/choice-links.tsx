import { clsx } from "clsx";
import Link from "next/link";

export type ChoiceLink = { label: string; href: string; isChosen: boolean };

/** One of a few, as links side by side: the address says what is chosen, and no script is needed. */
export function ChoiceLinks({ label, items }: { label: string; items: readonly ChoiceLink[] }) {
  return (
    <nav aria-label={label} className="flex flex-wrap gap-0.5 rounded-md bg-sunken p-1">
      {items.map(({ label: words, href, isChosen }) => (
        <Link
          key={href}
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
          {words}
        </Link>
      ))}
    </nav>
  );
}
