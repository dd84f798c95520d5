import { clsx } from "clsx";
import Link from "next/link";
import type { ReactNode } from "react";
import { TONE_ICONS, type Tone } from "./statuses.ts";
import { Time } from "./time.tsx";

export type TimelineItem = {
  id: string;
  at: Date | string | null;
  title: ReactNode;
  body?: ReactNode;
  tone?: Tone;
  icon?: ReactNode;
  /** Where the cause can be opened. */
  href?: string | undefined;
};

const TONES: Record<Tone, string> = {
  green: "bg-green-soft text-green",
  blue: "bg-blue-soft text-blue",
  amber: "bg-amber-soft text-amber",
  red: "bg-red-soft text-red",
  grey: "bg-grey-soft text-grey",
};

/** What happened to a thing, newest first as given. */
export function Timeline({ items }: { items: readonly TimelineItem[] }) {
  return (
    <ol className="relative">
      {items.map((item) => {
        const tone = item.tone ?? "grey";
        const Icon = TONE_ICONS[tone];
        return (
          <li
            key={item.id}
            id={item.id}
            className="relative flex scroll-mt-20 gap-3 pb-5 last:pb-0 not-last:before:absolute not-last:before:top-7 not-last:before:bottom-0 not-last:before:left-3 not-last:before:w-px not-last:before:bg-line"
          >
            <span
              aria-hidden="true"
              className={clsx(
                "grid size-6 shrink-0 place-items-center rounded-full [&_svg]:size-3.5",
                TONES[tone],
              )}
            >
              {item.icon ?? <Icon />}
            </span>
            <div className="grid min-w-0 flex-1 gap-0.5 pt-0.5 text-sm">
              <p className="font-medium">
                {item.href ? (
                  <Link href={item.href} className="hover:text-accent-text hover:underline">
                    {item.title}
                  </Link>
                ) : (
                  item.title
                )}
              </p>
              {item.body && <div className="wrap-anywhere text-muted">{item.body}</div>}
              <p className="text-xs text-muted">
                <Time at={item.at} />
              </p>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
