import { clsx } from "clsx";
import { FlaskConical } from "lucide-react";
import type { ReactNode } from "react";
import { describeStatus, TONE_ICONS, type Tone } from "./statuses.ts";

const TONES: Record<Tone, string> = {
  green: "border-green-line bg-green-soft text-green",
  blue: "border-blue-line bg-blue-soft text-blue",
  amber: "border-amber-line bg-amber-soft text-amber",
  red: "border-red-line bg-red-soft text-red",
  grey: "border-grey-line bg-grey-soft text-grey",
};

/** A short word about a thing's state: colour, icon and word together, never colour alone. */
export function Badge({
  tone = "grey",
  icon,
  children,
}: {
  tone?: Tone;
  icon?: ReactNode;
  children: ReactNode;
}) {
  const Icon = TONE_ICONS[tone];
  return (
    <span
      className={clsx(
        "inline-flex max-w-full items-center gap-1 rounded-full border px-2 py-px align-middle text-xs font-medium whitespace-nowrap",
        TONES[tone],
      )}
    >
      {icon ?? <Icon className="size-3 shrink-0" aria-hidden="true" />}
      <span className="truncate">{children}</span>
    </span>
  );
}

/** The badge of any status that Billhook stores. A word it does not know is shown in grey. */
export function StatusBadge({ status, label }: { status: string; label?: string }) {
  const { tone, word, Icon } = describeStatus(status);
  return (
    <Badge tone={tone} icon={<Icon className="size-3 shrink-0" aria-hidden="true" />}>
      {label ?? word}
    </Badge>
  );
}

/** Marks test data wherever it could be taken for real. Live is the ordinary case and says so quietly. */
export function ModeBadge({ mode }: { mode: "test" | "live" }) {
  if (mode === "live") return <Badge tone="grey">Live</Badge>;
  return (
    <Badge tone="amber" icon={<FlaskConical className="size-3 shrink-0" aria-hidden="true" />}>
      Test
    </Badge>
  );
}
