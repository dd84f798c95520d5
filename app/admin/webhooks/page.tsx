import { SearchX } from "lucide-react";
import type { Metadata } from "next";
import { Suspense } from "react";
import { ListProblem } from "#app/_lists/list-problem.tsx";
import { ListSkeleton } from "#app/_lists/list-skeleton.tsx";
import {
  type Address,
  address,
  dayOf,
  listed,
  neighbours,
  oneOf,
  pageRequest,
  readAddress,
  type SearchParams,
} from "#app/_server/address.ts";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { Empty } from "#app/_ui/empty.tsx";
import { LiveAnnouncer } from "#app/_ui/live-announcer.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Pagination } from "#app/_ui/pagination.tsx";
import { Card } from "#app/_ui/section.tsx";
import { Tabs } from "#app/_ui/tabs.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { Administrator } from "#lib/actor.ts";
import { listRefused } from "#lib/inbox/refused-views.ts";
import { EVENT_STATUSES, type EventFilter, type EventPage, listEvents } from "#lib/inbox/views.ts";
import { organizationAsked } from "../_parts/owned-filters.ts";
import { EventTable, NoEvents } from "./_log/event-table.tsx";
import { EventFilters, RefusedFilters } from "./_log/filters.tsx";
import { RefusedTable } from "./_log/refused-table.tsx";

export const metadata: Metadata = { title: "Webhooks" };

const PATH = "/admin/webhooks";
const NO_ID = "gev_00000000000000000000000000";

/** Everything that gateways sent: what was proven genuine, and what was not believed. */
export default async function WebhooksPage({ searchParams }: { searchParams: SearchParams }) {
  const actor = await requireAdministrator();
  const asked = await readAddress(searchParams);
  const refused = asked.verdict === "refused";
  return (
    <>
      <PageHeader
        title="Webhooks"
        description="Every event that a gateway sent, what it is about, and what was done."
      />
      <Tabs
        label="Verdict"
        items={[
          { label: "Verified", href: PATH, current: !refused },
          { label: "Refused", href: `${PATH}?verdict=refused`, current: refused },
        ]}
      />
      <Suspense fallback={<ListSkeleton />}>
        {refused ? <Refused actor={actor} asked={asked} /> : <Events actor={actor} asked={asked} />}
      </Suspense>
    </>
  );
}

async function Events({ actor, asked }: { actor: Administrator; asked: Address }) {
  const shown = await shownMode();
  const filter = await eventFilter(actor, asked, shown);
  const { list, problem } = await listed(() => listEvents(actor, filter, pageRequest(asked)));
  const { before, after, mode: _mode, ...narrowing } = asked;
  const narrowed = Object.values(narrowing).some(Boolean);
  const since = list?.first ?? `${Date.now()}000-${NO_ID}`;
  return (
    <>
      <EventFilters address={asked} mode={shown} />
      {problem && <ListProblem problem={problem} href={PATH} />}
      {list && !narrowed && !before && !after && (
        <LiveAnnouncer
          url={address(`${PATH}/new`, { since, mode: filter.mode })}
          one="new event"
          other="new events"
        />
      )}
      {list && (
        <Card flush>
          <EventTable
            rows={list.rows}
            showMode={!filter.mode}
            empty={
              narrowed || before || after || list.searchedTo ? (
                <NoMatch list={list} />
              ) : (
                <NoEvents mode={filter.mode} />
              )
            }
          />
          <Pagination
            {...neighbours(PATH, asked, list)}
            summary={list.searchedTo && list.rows.length > 0 && <SearchedTo list={list} />}
          />
        </Card>
      )}
    </>
  );
}

async function eventFilter(
  actor: Administrator,
  asked: Address,
  shown: "test" | "live",
): Promise<EventFilter> {
  return {
    search: asked.q,
    gateway: asked.gateway,
    mode: asked.mode === "both" ? undefined : (oneOf(asked.mode, ["test", "live"]) ?? shown),
    type: asked.type,
    status: oneOf(asked.status, EVENT_STATUSES),
    // Somebody who is not here has no events; that is not the same as everybody's.
    organizationId: await organizationAsked(actor, asked.organization),
    from: dayOf(asked.from),
    until: dayOf(asked.until, 1),
  };
}

function NoMatch({ list }: { list: EventPage }) {
  return (
    <Empty icon={<SearchX />} title="No event matches">
      {list.searchedTo ? (
        <>
          <SearchedTo list={list} /> Choose “Older” to keep looking.
        </>
      ) : (
        "Clear a filter, look in the other mode, or see whether the request was refused."
      )}
    </Empty>
  );
}

function SearchedTo({ list }: { list: EventPage }) {
  return (
    <>
      Looked as far as <Time at={list.searchedTo} relative={false} />.
    </>
  );
}

async function Refused({ actor, asked }: { actor: Administrator; asked: Address }) {
  const filter = {
    gateway: asked.gateway,
    refusal: asked.refusal,
    from: dayOf(asked.from),
    until: dayOf(asked.until, 1),
  };
  const { list, problem } = await listed(() => listRefused(actor, filter, pageRequest(asked)));
  return (
    <>
      <RefusedFilters address={asked} />
      {problem && <ListProblem problem={problem} href={`${PATH}?verdict=refused`} />}
      {list && (
        <Card flush>
          <RefusedTable rows={list.rows} filtered={Object.values(filter).some(Boolean)} />
          <Pagination {...neighbours(PATH, asked, list)} />
        </Card>
      )}
    </>
  );
}
