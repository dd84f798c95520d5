import { UserRoundCheck } from "lucide-react";
import { ListProblem } from "#app/_lists/list-problem.tsx";
import { type Address, listed, neighbours, pageRequest } from "#app/_server/address.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Pagination } from "#app/_ui/pagination.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Table } from "#app/_ui/table.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import type { Administrator } from "#lib/actor.ts";
import { counted } from "#lib/counted.ts";
import { type ImportView, listLeft } from "#lib/imports/views.ts";

const PATH = "/admin/customers/import";

type Row = Awaited<ReturnType<typeof listLeft>>["rows"][number];

/** The report: who is nobody's, why, and the way to link each by hand. */
export async function Left({
  actor,
  view,
  asked,
}: {
  actor: Administrator;
  view: ImportView;
  asked: Address;
}) {
  const { list, problem } = await listed(() => listLeft(actor, view, pageRequest(asked)));
  if (!list) return <ListProblem problem={problem} href={PATH} />;
  return (
    <Section
      title="Not matched"
      description="Link each by hand, or say at the gateway whose it is and import again. Who is linked leaves this list."
      flush
    >
      <Table
        caption="Customers that were not matched"
        rows={list.rows}
        rowKey={(row) => row.ref}
        columns={[
          { key: "customer", header: "Customer", cell: (row) => <Customer row={row} /> },
          { key: "because", header: "Why", cell: (row) => row.because },
          { key: "waits", header: "What waits", cell: (row) => <Waits row={row} />, narrow: true },
          {
            key: "link",
            header: "Link",
            narrow: true,
            cell: (row) =>
              row.customerId && (
                <TextLink href={`/admin/customers/${row.customerId}`}>
                  By hand<span className="sr-only">: {row.name ?? row.email ?? row.ref}</span>
                </TextLink>
              ),
          },
        ]}
        empty={
          <Empty icon={<UserRoundCheck />} title="Every customer has its organization">
            Nothing is left to do by hand.
          </Empty>
        }
      />
      <Pagination {...neighbours(PATH, asked, list)} />
    </Section>
  );
}

function Customer({ row }: { row: Row }) {
  const name = row.name ?? row.email;
  return (
    <span className="grid min-w-0">
      <span className="break-all">{name ?? row.ref}</span>
      {name && <span className="truncate font-mono text-xs text-muted">{row.ref}</span>}
    </span>
  );
}

function Waits({ row }: { row: Row }) {
  if (row.subscriptions === 0) return <span className="text-muted">Nothing</span>;
  return <Badge tone="amber">{counted(row.subscriptions, "subscription")}</Badge>;
}
