import { ArrowRight } from "lucide-react";
import type { ReactNode } from "react";

export type DiffRow = { label: ReactNode; before: ReactNode; after: ReactNode };

/** What changed, as before → after, one fact a row. Nothing before is "none". */
export function Diff({ rows }: { rows: readonly DiffRow[] }) {
  return (
    <dl
      data-box=""
      className="divide-y divide-line overflow-hidden rounded-md border border-line text-sm"
    >
      {rows.map((row, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: rows are a fixed list that never reorders.
          key={index}
          className="grid gap-x-4 gap-y-1 px-3 py-2 sm:grid-cols-[minmax(7rem,12rem)_1fr]"
        >
          <dt className="text-muted">{row.label}</dt>
          <dd className="flex min-w-0 flex-wrap items-baseline gap-x-2">
            <span className="min-w-0 text-muted line-through decoration-muted/60">
              <span className="sr-only">before: </span>
              {row.before ?? "none"}
            </span>
            <ArrowRight className="size-3.5 shrink-0 self-center text-muted" aria-hidden="true" />
            <span className="min-w-0 font-medium">
              <span className="sr-only">after: </span>
              {row.after ?? "none"}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
