"use client";

import { useClock } from "./clock.tsx";
import { formatDay, formatExactTime, formatRelative, formatTime } from "./time-format.ts";

/** An instant as "3 Nov 2026, 14:05" in the reader's zone; seconds, zone and UTC on hover. */
export function Time({
  at,
  relative = true,
  dateOnly = false,
  inSentence = false,
}: {
  at: Date | string | null | undefined;
  /** Adds "5 min ago" beside it when it is near. */
  relative?: boolean;
  dateOnly?: boolean;
  /** Only the day, with its month in full: "3 November 2026". */
  inSentence?: boolean;
}) {
  const { now, zone } = useClock();
  const instant = typeof at === "string" ? new Date(at) : at;
  if (!instant || Number.isNaN(instant.getTime())) return <span className="text-muted">—</span>;
  const near = relative && !dateOnly && !inSentence ? formatRelative(instant, now) : undefined;
  return (
    <time
      dateTime={instant.toISOString()}
      title={formatExactTime(instant, zone)}
      className="tabular-nums"
    >
      <span className="whitespace-nowrap">
        {inSentence ? formatDay(instant, zone) : formatTime(instant, zone, dateOnly)}
      </span>
      {near && (
        <>
          {" "}
          <span className="whitespace-nowrap text-muted sm:max-[90rem]:[table_&]:hidden">
            · {near}
          </span>
        </>
      )}
    </time>
  );
}
