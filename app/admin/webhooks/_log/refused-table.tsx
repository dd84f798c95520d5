import { ShieldCheck } from "lucide-react";
import { Badge } from "#app/_ui/badge.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { listRefused } from "#lib/inbox/refused-views.ts";
import { refusalWord, sentenceCase } from "../../_parts/words.ts";

type Refused = Awaited<ReturnType<typeof listRefused>>["rows"][number];

/** Requests that were not believed, each with what is wrong. */
export function RefusedTable({ rows, filtered }: { rows: readonly Refused[]; filtered: boolean }) {
  return (
    <Table
      caption="Refused requests, newest first"
      rows={rows}
      rowKey={(row) => row.id}
      rowHref={(row) => `/admin/webhooks/refused/${row.id}`}
      columns={[
        { key: "refusal", header: "Verdict", cell: (row) => refusalWord(row.refusal) },
        {
          key: "later",
          header: "Status",
          narrow: true,
          cell: (row) =>
            row.acceptedAt ? (
              <Badge tone="green">Accepted later</Badge>
            ) : (
              <Badge tone="red">Refused</Badge>
            ),
        },
        {
          key: "diagnosis",
          header: "Diagnosis",
          cell: (row) => <span className="text-muted">{row.diagnosis}</span>,
        },
        { key: "gateway", header: "Gateway", cell: (row) => sentenceCase(row.gateway) },
        {
          key: "received",
          header: "Received",
          narrow: true,
          cell: (row) => <Time at={row.receivedAt} />,
        },
      ]}
      empty={
        <Empty icon={<ShieldCheck />} title={filtered ? "Nothing matches" : "Nothing was refused"}>
          {filtered
            ? "No refused request matches these filters. Clear one of them."
            : "Every request so far was proven genuine. When a secret is wrong, what was refused waits here and is verified again once the secret is mended."}
        </Empty>
      }
    />
  );
}
