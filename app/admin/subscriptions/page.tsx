import type { Metadata } from "next";
import { Suspense } from "react";
import { ListProblem } from "#app/_lists/list-problem.tsx";
import { ListSkeleton } from "#app/_lists/list-skeleton.tsx";
import {
  type Address,
  listed,
  neighbours,
  oneOf,
  pageRequest,
  readAddress,
  type SearchParams,
} from "#app/_server/address.ts";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { FilterBar } from "#app/_ui/filter-bar.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Pagination } from "#app/_ui/pagination.tsx";
import { Card } from "#app/_ui/section.tsx";
import type { Administrator } from "#lib/actor.ts";
import { listSubscriptions } from "#lib/billing/admin-views.ts";
import { catalogue } from "#lib/catalogue/views.ts";
import { organizationAsked, organizationFilter, statusFilter } from "../_parts/owned-filters.ts";
import { SubscriptionTable } from "../_parts/subscription-table.tsx";

export const metadata: Metadata = { title: "Subscriptions" };

const PATH = "/admin/subscriptions";
const STATUSES = [
  "active",
  "trialing",
  "past_due",
  "unpaid",
  "incomplete",
  "paused",
  "canceled",
] as const;

/** Every subscription of the mode that is shown, the last made first. */
export default async function SubscriptionsPage({ searchParams }: { searchParams: SearchParams }) {
  const actor = await requireAdministrator();
  const [asked, { plans }] = await Promise.all([readAddress(searchParams), catalogue()]);
  return (
    <>
      <PageHeader title="Subscriptions" />
      <FilterBar
        action={PATH}
        filters={[
          statusFilter(STATUSES, asked.status),
          {
            name: "plan",
            label: "Plan",
            options: [
              ...plans.map((plan) => ({ value: plan.id, label: plan.name })),
              { value: "none", label: "In no plan" },
            ],
            value: asked.plan,
          },
          organizationFilter(asked.organization),
        ]}
      />
      <Suspense fallback={<ListSkeleton columns={4} />}>
        <Subscriptions actor={actor} asked={asked} />
      </Suspense>
    </>
  );
}

async function Subscriptions({ actor, asked }: { actor: Administrator; asked: Address }) {
  const filter = {
    mode: await shownMode(),
    status: oneOf(asked.status, STATUSES),
    planId: asked.plan,
    organizationId: await organizationAsked(actor, asked.organization),
  };
  const { list, problem } = await listed(() =>
    listSubscriptions(actor, filter, pageRequest(asked)),
  );
  if (!list) return <ListProblem problem={problem} href={PATH} />;
  return (
    <Card flush>
      <SubscriptionTable
        rows={list.rows}
        ofEverybody
        filtered={Object.values(asked).some(Boolean)}
      />
      <Pagination {...neighbours(PATH, asked, list)} />
    </Card>
  );
}
