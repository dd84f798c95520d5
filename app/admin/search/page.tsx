import { Building2, CircleHelp, FileX, Shapes, UserRound, Webhook } from "lucide-react";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { readAddress, type SearchParams } from "#app/_server/address.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card } from "#app/_ui/section.tsx";
import { Table } from "#app/_ui/table.tsx";
import { findAnything, type Hit } from "#lib/inbox/find-views.ts";

export const metadata: Metadata = { title: "Search" };

const KINDS: Readonly<Record<Hit["kind"], { word: string; icon: ReactNode; path: string }>> = {
  organization: { word: "Organization", icon: <Building2 />, path: "/admin/organizations" },
  event: { word: "Event", icon: <Webhook />, path: "/admin/webhooks" },
  refused: { word: "Refused request", icon: <FileX />, path: "/admin/webhooks/refused" },
  customer: { word: "Customer", icon: <UserRound />, path: "/admin/customers" },
  object: { word: "Gateway object", icon: <Shapes />, path: "/admin/objects" },
};

/** Opens what a text names; where it names several things, lists them. */
export default async function SearchPage({ searchParams }: { searchParams: SearchParams }) {
  const actor = await requireAdministrator();
  const { q = "" } = await readAddress(searchParams);
  const hits = await findAnything(actor, q);
  const [only] = hits;
  if (only && hits.length === 1) redirect(hrefOf(only));
  return (
    <>
      <PageHeader
        title="Search"
        description={q ? `What “${q}” names` : "By id, name or e-mail address"}
      />
      <Card flush>
        <Table
          caption="What was found"
          rows={hits}
          rowKey={(hit) => `${hit.kind}:${hit.id}`}
          rowHref={hrefOf}
          columns={[
            {
              key: "title",
              header: "Name",
              cell: (hit) => (
                <span className="flex min-w-0 items-center gap-2 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted">
                  {KINDS[hit.kind].icon}
                  <span className="min-w-0 break-all">{hit.title}</span>
                </span>
              ),
            },
            { key: "kind", header: "Kind", cell: (hit) => KINDS[hit.kind].word, narrow: true },
            {
              key: "detail",
              header: "Detail",
              cell: (hit) => <span className="break-all text-muted">{hit.detail}</span>,
            },
          ]}
          empty={
            <Empty
              icon={<CircleHelp />}
              title={q ? "Nothing is called that" : "Type something above"}
            >
              Ids must be whole: evt_…, sub_…, in_…, pi_…, cus_…, org_…. Organizations are found by
              a part of their name too, and by their members’ e-mail addresses.
            </Empty>
          }
        />
      </Card>
    </>
  );
}

function hrefOf(hit: Hit): string {
  return `${KINDS[hit.kind].path}/${hit.id}`;
}
