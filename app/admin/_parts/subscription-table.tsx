import { Repeat } from "lucide-react";
import { StatusBadge } from "#app/_ui/badge.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { type Column, Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import { Named, organizationColumn } from "./owned-rows.tsx";

type Row = {
  id: string;
  gateway: string;
  mode: "test" | "live";
  ref: string;
  status: string;
  quantity: number;
  priceRef: string | null;
  periodEnd: Date | null;
  cancelAt: Date | null;
  endedAt: Date | null;
  plan: { id: string; name: string } | null;
  organization?: { id: string; name: string } | null;
};

/** Subscriptions as rows; `ofEverybody` adds whose they are. */
export function SubscriptionTable({
  rows,
  ofEverybody = false,
  filtered = false,
}: {
  rows: readonly Row[];
  ofEverybody?: boolean;
  filtered?: boolean;
}) {
  const columns: (Column<Row> | false)[] = [
    {
      key: "plan",
      header: "Plan",
      cell: (row) => (
        <Named
          name={
            <>
              {row.plan?.name ?? "In no plan"}
              {row.quantity !== 1 && <span className="text-muted"> × {row.quantity}</span>}
            </>
          }
          id={row.ref}
        />
      ),
    },
    {
      key: "status",
      header: "Status",
      narrow: true,
      cell: (row) => <StatusBadge status={row.status} />,
    },
    ofEverybody && organizationColumn<Row>(),
    { key: "next", header: "Next", cell: (row) => <Next row={row} /> },
  ];
  return (
    <Table
      caption="Subscriptions"
      rows={rows}
      rowKey={(row) => row.id}
      rowHref={(row) => `/admin/search?q=${encodeURIComponent(row.ref)}`}
      columns={columns.filter((column) => column !== false)}
      empty={
        <Empty
          icon={<Repeat />}
          title={filtered ? "No subscription matches" : "No subscription yet"}
        >
          {filtered
            ? "Clear a filter, or look in the other mode."
            : "It appears when a checkout is completed or the gateway tells of one."}
        </Empty>
      }
    />
  );
}

function Next({ row }: { row: Row }) {
  if (row.endedAt) {
    return (
      <>
        Ended <Time at={row.endedAt} dateOnly />
      </>
    );
  }
  if (row.cancelAt) {
    return (
      <>
        Ends <Time at={row.cancelAt} dateOnly />
      </>
    );
  }
  if (!row.periodEnd) return <span className="text-muted">—</span>;
  return (
    <>
      Renews <Time at={row.periodEnd} dateOnly />
    </>
  );
}
