import { Webhook } from "lucide-react";
import type { ReactNode } from "react";
import { ModeBadge } from "#app/_ui/badge.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { type Column, Table } from "#app/_ui/table.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { LoggedEvent } from "#lib/inbox/views.ts";
import { EventStatus } from "../../_parts/event-status.tsx";
import { EventType } from "../../_parts/event-type.tsx";
import { capitalized, EVENT_WORDS, headline } from "../../_parts/words.ts";

/** Events as rows: what came, what it is about, and what was done. */
export function EventTable({
  rows,
  showMode = false,
  ofOne = false,
  empty,
}: {
  rows: readonly LoggedEvent[];
  showMode?: boolean;
  /** Beside an organization's other facts: its name is known and there is little room. */
  ofOne?: boolean;
  empty?: ReactNode;
}) {
  const columns: (Column<LoggedEvent> | false)[] = [
    {
      key: "type",
      header: "Event",
      cell: (event) => (
        <span className="grid min-w-0 sm:min-w-36">
          <EventType type={event.type} />
          <span className="truncate font-mono text-xs font-normal text-muted">
            {event.eventRef}
          </span>
        </span>
      ),
    },
    {
      key: "status",
      header: "Status",
      narrow: true,
      cell: (event) => (
        <span className="inline-flex flex-wrap gap-1 max-sm:justify-end">
          <EventStatus status={event.status} />
          {showMode && <ModeBadge mode={event.mode} />}
        </span>
      ),
    },
    {
      key: "done",
      header: "What was done",
      cell: (event) => (
        <span className="grid min-w-0 gap-0.5">
          <span className="wrap-anywhere">{whatWasDone(event)}</span>
          {event.deliveries > 1 && (
            <span className="text-xs text-muted">Delivered {event.deliveries} times</span>
          )}
        </span>
      ),
    },
    !ofOne && {
      key: "organization",
      header: "Organization",
      cell: ({ organization }) =>
        organization ? (
          <TextLink href={`/admin/organizations/${organization.id}`}>{organization.name}</TextLink>
        ) : (
          <span className="text-muted">—</span>
        ),
    },
    {
      key: "received",
      header: "Received",
      narrow: true,
      cell: (event) => <Time at={event.receivedAt} relative={!ofOne} />,
    },
  ];
  return (
    <Table
      caption="Gateway events, newest first"
      columns={columns.filter((column) => column !== false)}
      rows={rows}
      rowKey={(event) => event.id}
      rowHref={(event) => `/admin/webhooks/${event.id}`}
      empty={empty}
    />
  );
}

/** What the event changed, then why no more. */
function whatWasDone(event: LoggedEvent): ReactNode {
  const changed = headline(event.changes);
  if (event.status === "processed" && !event.reason) {
    return changed ?? <span className="text-muted">Nothing: already true</span>;
  }
  return (
    <>
      {changed}
      {changed && <br />}
      <span className="text-muted">
        {capitalized(event.reason ?? EVENT_WORDS[event.status].meaning)}
      </span>
    </>
  );
}

/** No event at all: the way to the first. */
export function NoEvents({ mode }: { mode: "test" | "live" | undefined }) {
  return (
    <Empty
      icon={<Webhook />}
      title={`No ${mode ? `${mode} event` : "event"} has arrived yet`}
      action={
        <ButtonLink href="/admin/settings/gateways/stripe" variant="primary">
          Set up Stripe
        </ButtonLink>
      }
    >
      Copy the webhook address into Stripe, and Stripe’s signing secret into Billhook. Every event
      then appears here within a second.
    </Empty>
  );
}
