import { Building2 } from "lucide-react";
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
import { requireAdministrator } from "#app/_server/session.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { FilterBar } from "#app/_ui/filter-bar.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Pagination } from "#app/_ui/pagination.tsx";
import { Card } from "#app/_ui/section.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { Administrator } from "#lib/actor.ts";
import { listOrganizations } from "#lib/billing/admin-views.ts";
import { catalogue } from "#lib/catalogue/views.ts";

export const metadata: Metadata = { title: "Organizations" };

const PATH = "/admin/organizations";

/** Everybody who is billed, by name. */
export default async function OrganizationsPage({ searchParams }: { searchParams: SearchParams }) {
  const actor = await requireAdministrator();
  const [asked, { tiers }] = await Promise.all([readAddress(searchParams), catalogue()]);
  return (
    <>
      <PageHeader
        title="Organizations"
        actions={
          <ButtonLink variant="primary" href={`${PATH}/new`}>
            New organization
          </ButtonLink>
        }
      />
      <FilterBar
        action={PATH}
        search={{
          name: "q",
          label: "Search",
          placeholder: "Name, e-mail, reference or id",
          value: asked.q,
        }}
        filters={[
          {
            name: "tier",
            label: "Tier",
            options: tiers.map((tier) => ({ value: tier.id, label: tier.name })),
            value: asked.tier,
          },
        ]}
      />
      <Suspense fallback={<ListSkeleton columns={4} />}>
        <Organizations actor={actor} asked={asked} />
      </Suspense>
    </>
  );
}

async function Organizations({ actor, asked }: { actor: Administrator; asked: Address }) {
  const filter = { search: asked.q, tierId: asked.tier };
  const { list, problem } = await listed(() =>
    listOrganizations(actor, filter, pageRequest(asked)),
  );
  if (!list) return <ListProblem problem={problem} href={PATH} />;
  return (
    <Card flush>
      <Table
        caption="Organizations by name"
        rows={list.rows}
        rowKey={(row) => row.id}
        rowHref={(row) => `${PATH}/${row.id}`}
        columns={[
          {
            key: "name",
            header: "Name",
            cell: (row) => <span className="wrap-anywhere">{row.name}</span>,
          },
          {
            key: "tier",
            header: "Tier",
            cell: (row) => <Badge icon={false}>{row.tier}</Badge>,
            narrow: true,
          },
          {
            key: "since",
            header: "Since",
            cell: (row) => <Time at={row.tierSince} dateOnly />,
            narrow: true,
          },
          {
            key: "email",
            header: "Billing e-mail",
            cell: (row) => row.billingEmail ?? <span className="text-muted">—</span>,
            hideOnPhone: true,
          },
          {
            key: "reference",
            header: "Reference",
            cell: (row) => row.reference ?? <span className="text-muted">—</span>,
            hideOnPhone: true,
          },
        ]}
        empty={<NoOrganizations filtered={Boolean(asked.q || asked.tier)} />}
      />
      <Pagination {...neighbours(PATH, asked, list)} />
    </Card>
  );
}

function NoOrganizations({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <Empty icon={<Building2 />} title="No organization matches">
        Try a part of the name, the e-mail address for bills, or the whole id.
      </Empty>
    );
  }
  return (
    <Empty
      icon={<Building2 />}
      title="No organization yet"
      action={
        <ButtonLink variant="primary" href={`${PATH}/new`}>
          Make the first
        </ButtonLink>
      }
    >
      An organization is a customer account of your product. Your product can make them over the
      API, too.
    </Empty>
  );
}
