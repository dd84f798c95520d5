import type { ReactNode } from "react";
import { Diff } from "#app/_ui/diff.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { Change } from "#db/schema/index.ts";
import { capitalized, sentenceCase } from "./words.ts";

/** Every record that a sync changed, each field before and after. */
export function Changes({ changes }: { changes: readonly Change[] }) {
  const records = Map.groupBy(changes, (change) => change.record);
  return (
    <div className="grid gap-4">
      {[...records].map(([record, fields]) => (
        <div key={record} className="grid gap-1.5">
          <h3 className="text-sm font-medium wrap-anywhere">{capitalized(record)}</h3>
          <Diff
            rows={fields.map((change) => ({
              label: sentenceCase(change.field),
              before: shown(change.before),
              after: shown(change.after),
            }))}
          />
        </div>
      ))}
    </div>
  );
}

/** Instants are kept as text in the log; the reader has a clock and a zone. */
function shown(value: string | null): ReactNode {
  if (value === null) return null;
  if (/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(value)) return <Time at={value} relative={false} />;
  return value;
}
