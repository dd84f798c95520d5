import { clsx } from "clsx";
import type { ReactNode } from "react";

export type Fact = { label: ReactNode; value: ReactNode };

/** What is known about one thing, as labels and values. Facts without a value are left out. */
export function Facts({
  items,
  columns = 1,
}: {
  items: readonly (Fact | null | undefined | false)[];
  columns?: 1 | 2;
}) {
  return (
    <dl className={clsx("grid gap-x-8 gap-y-3 text-sm", columns === 2 && "sm:grid-cols-2")}>
      {items.map((item, index) =>
        item && item.value !== null && item.value !== undefined ? (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: facts are a fixed list that never reorders.
            key={index}
            className="grid min-w-0 gap-x-4 gap-y-0.5 sm:grid-cols-[9rem_minmax(0,1fr)]"
          >
            <dt className="text-muted">{item.label}</dt>
            <dd className="min-w-0">{item.value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
