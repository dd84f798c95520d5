import { clsx } from "clsx";
import Link from "next/link";
import type { ReactNode } from "react";
import { Sparkline } from "./sparkline.tsx";
import type { Tone } from "./statuses.ts";

const TONES: Record<Tone, string> = {
  green: "text-green",
  blue: "text-blue",
  amber: "text-amber",
  red: "text-red",
  grey: "text-ink",
};

export function StatGrid({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">{children}</dl>;
}

/** One number that matters, what it means, and where it leads. Inside a StatGrid. */
export function Stat({
  label,
  value,
  hint,
  href,
  tone = "grey",
  trend,
}: {
  label: string;
  value: ReactNode;
  hint?: ReactNode;
  href?: string | undefined;
  /** Only when the number itself is good or bad news. */
  tone?: Tone;
  trend?: readonly number[];
}) {
  return (
    <div
      className={clsx(
        "relative flex min-w-0 flex-col gap-1 rounded-md border border-line bg-surface p-4",
        href && "transition-colors hover:border-line-strong/60",
      )}
    >
      <dt className="text-sm text-muted">
        {href ? (
          <Link href={href} className="rounded-md after:absolute after:inset-0 hover:text-ink">
            {label}
          </Link>
        ) : (
          label
        )}
      </dt>
      <dd className="flex flex-wrap items-end justify-between gap-2">
        <span className={clsx("text-xl font-semibold tracking-tight tabular-nums", TONES[tone])}>
          {value}
        </span>
        {trend && <Sparkline values={trend} label={`Trend of ${label.toLowerCase()}`} />}
      </dd>
      {hint && <dd className="text-xs text-muted">{hint}</dd>}
    </div>
  );
}
