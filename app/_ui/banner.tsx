import { clsx } from "clsx";
import type { ReactNode } from "react";
import { TONE_ICONS, type Tone } from "./statuses.ts";

const LOOKS = {
  info: ["blue", "border-blue-line bg-blue-soft", "text-blue"],
  success: ["green", "border-green-line bg-green-soft", "text-green"],
  warning: ["amber", "border-amber-line bg-amber-soft", "text-amber"],
  danger: ["red", "border-red-line bg-red-soft", "text-red"],
} as const satisfies Record<string, readonly [Tone, string, string]>;

/** Something that stands until it is dealt with, with the one thing to do about it. */
export function Banner({
  tone = "info",
  title,
  action,
  children,
}: {
  tone?: keyof typeof LOOKS;
  title?: ReactNode;
  action?: ReactNode;
  children?: ReactNode;
}) {
  const [icon, box, ink] = LOOKS[tone];
  const Icon = TONE_ICONS[icon];
  return (
    <div className={clsx("flex items-start gap-3 rounded-md border px-4 py-3 text-sm", box)}>
      <Icon className={clsx("mt-0.5 size-4 shrink-0", ink)} aria-hidden="true" />
      <div className="flex min-w-0 flex-1 flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 max-w-prose">
          {title && <p className="font-semibold">{title}</p>}
          {children && <div className="wrap-anywhere">{children}</div>}
        </div>
        {action}
      </div>
    </div>
  );
}
