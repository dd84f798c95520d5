import { ModeBadge } from "#app/_ui/badge.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { listParked } from "#lib/inbox/object-views.ts";
import { sentenceCase } from "./words.ts";

type Row = Awaited<ReturnType<typeof listParked>>[number];

/** Objects that were given up until somebody looks at them. */
export function ParkedTable({ rows }: { rows: readonly Row[] }) {
  return (
    <Table
      caption="Parked objects, the last first"
      rows={rows}
      rowKey={(row) => String(row.id)}
      rowHref={(row) => `/admin/objects/${row.id}`}
      columns={[
        {
          key: "object",
          header: "Object",
          cell: (row) => (
            <span className="grid min-w-0">
              <span>{sentenceCase(row.type)}</span>
              <span className="truncate font-mono text-xs font-normal text-muted">{row.ref}</span>
            </span>
          ),
        },
        { key: "mode", header: "Mode", narrow: true, cell: (row) => <ModeBadge mode={row.mode} /> },
        {
          key: "why",
          header: "Why",
          cell: (row) => (
            <span className="wrap-anywhere text-muted">
              {row.lastError ?? "It failed too often."}
            </span>
          ),
        },
        { key: "since", header: "Since", narrow: true, cell: (row) => <Time at={row.parkedAt} /> },
      ]}
      empty={
        <Empty title="Nothing is parked">
          An object that fails too often is put aside here, so that nothing else waits for it.
        </Empty>
      }
    />
  );
}
