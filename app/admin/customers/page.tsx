import { UserRoundCheck } from "lucide-react";
import type { Metadata } from "next";
import { Suspense } from "react";
import { ListProblem } from "#app/_lists/list-problem.tsx";
import { ListSkeleton } from "#app/_lists/list-skeleton.tsx";
import {
  type Address,
  listed,
  neighbours,
  pageRequest,
  readAddress,
  type SearchParams,
} from "#app/_server/address.ts";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Pagination } from "#app/_ui/pagination.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { Administrator } from "#lib/actor.ts";
import { listConflicts, listUnlinkedCustomers } from "#lib/billing/customer-views.ts";
import { Conflicts } from "./conflicts.tsx";

export const metadata: Metadata = { title: "Customers" };

const PATH = "/admin/customers";
const WAITING_SHOWN = 3;

type Row = Awaited<ReturnType<typeof listUnlinkedCustomers>>["rows"][number];

/** Customers whose organization is not known, with what waits for that. */
export default async function CustomersPage({ searchParams }: { searchParams: SearchParams }) {
  const actor = await requireAdministrator();
  const asked = await readAddress(searchParams);
  const conflicts = await listConflicts(actor, await shownMode());
  return (
    <>
      <PageHeader
        title="Customers"
        description="A gateway’s customer belongs to one of your organizations. A checkout says so by itself; here you say it by hand."
        actions={<ButtonLink href="/admin/customers/import">Import</ButtonLink>}
      />
      {conflicts.length > 0 && <Conflicts conflicts={conflicts} />}
      <Suspense fallback={<ListSkeleton columns={4} />}>
        <Unlinked actor={actor} asked={asked} />
      </Suspense>
    </>
  );
}

async function Unlinked({ actor, asked }: { actor: Administrator; asked: Address }) {
  const mode = await shownMode();
  const { list, problem } = await listed(() =>
    listUnlinkedCustomers(actor, mode, pageRequest(asked)),
  );
  if (!list) return <ListProblem problem={problem} href={PATH} />;
  return (
    <Section title="Without an organization" flush>
      <Table
        caption="Customers without an organization, newest first"
        rows={list.rows}
        rowKey={(row) => row.id}
        rowHref={(row) => `${PATH}/${row.id}`}
        columns={[
          {
            key: "customer",
            header: "Customer",
            cell: (row) => (
              <span className="grid min-w-0">
                <span className="break-all">{row.name ?? row.email ?? row.ref}</span>
                {(row.name ?? row.email) && (
                  <span className="truncate font-mono text-xs font-normal text-muted">
                    {row.ref}
                  </span>
                )}
              </span>
            ),
          },
          { key: "waiting", header: "What waits", cell: (row) => <Waiting row={row} /> },
          {
            key: "seen",
            header: "First seen",
            cell: (row) => <Time at={row.firstSeenAt} />,
            narrow: true,
          },
        ]}
        empty={
          <Empty icon={<UserRoundCheck />} title="Every customer has its organization">
            When an event names a customer that nobody knows, it waits here until you say whose it
            is.
          </Empty>
        }
      />
      <Pagination {...neighbours(PATH, asked, list)} />
    </Section>
  );
}

function Waiting({ row }: { row: Row }) {
  const more = row.waiting.length - WAITING_SHOWN;
  return (
    <span className="inline-flex flex-wrap gap-1 max-sm:justify-end">
      {row.deletedAt && <Badge>Deleted at the gateway</Badge>}
      {row.waiting.slice(0, WAITING_SHOWN).map((object) => (
        <Badge key={object.id} tone="amber">
          {object.type}
        </Badge>
      ))}
      {more > 0 && <span className="text-xs text-muted">and {more} more</span>}
      {row.waiting.length === 0 && <span className="text-muted">Nothing</span>}
    </span>
  );
}
