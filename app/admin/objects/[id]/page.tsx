import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ListProblem } from "#app/_lists/list-problem.tsx";
import {
  listed,
  neighbours,
  pageRequest,
  readAddress,
  type SearchParams,
} from "#app/_server/address.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { Badge, ModeBadge } from "#app/_ui/badge.tsx";
import { Banner } from "#app/_ui/banner.tsx";
import { Button, ButtonLink } from "#app/_ui/button.tsx";
import { Columns } from "#app/_ui/columns.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Facts } from "#app/_ui/facts.tsx";
import { Id } from "#app/_ui/id.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Pagination } from "#app/_ui/pagination.tsx";
import { Section } from "#app/_ui/section.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { Time } from "#app/_ui/time.tsx";
import { subjectOf } from "#lib/billing/subject-views.ts";
import { counted } from "#lib/counted.ts";
import { eventsOfObject, findObject, listSyncs } from "#lib/inbox/object-views.ts";
import { EventStatus } from "../../_parts/event-status.tsx";
import { EventType } from "../../_parts/event-type.tsx";
import { SyncTimeline } from "../../_parts/sync-timeline.tsx";
import { sentenceCase } from "../../_parts/words.ts";
import { resume } from "./actions.ts";

export const metadata: Metadata = { title: "Gateway object" };

type Props = { params: Promise<{ id: string }>; searchParams: SearchParams };
type FoundObject = NonNullable<Awaited<ReturnType<typeof findObject>>>;

/** One object at a gateway: every event that was about it, and every look at it. */
export default async function ObjectPage({ params, searchParams }: Props) {
  const actor = await requireAdministrator();
  const { id } = await params;
  const object = /^\d{1,15}$/.test(id) ? await findObject(actor, Number(id)) : undefined;
  if (!object) notFound();
  const asked = await readAddress(searchParams);
  const path = `/admin/objects/${object.id}`;
  const [subject, events, { list, problem }] = await Promise.all([
    subjectOf(actor, object),
    eventsOfObject(actor, object.id),
    listed(() => listSyncs(actor, object.id, { limit: 20, ...pageRequest(asked) })),
  ]);
  return (
    <>
      <PageHeader
        mono
        title={object.ref}
        breadcrumbs={[{ label: "Webhooks", href: "/admin/webhooks" }, { label: object.ref }]}
        status={<State object={object} />}
        description={`${sentenceCase(object.type)} at ${sentenceCase(object.gateway)}`}
        actions={<Resume object={object} />}
      />
      <Standing object={object} />
      <Columns
        aside={
          <>
            <Section title="Object">
              <ObjectFacts object={object} subject={subject} />
            </Section>
            <Section title="Events">
              <Events events={events} />
            </Section>
          </>
        }
      >
        <Section title="Every look at it" description="The latest first.">
          {problem && <ListProblem problem={problem} href={path} />}
          {list && list.rows.length > 0 && <SyncTimeline syncs={list.rows} />}
          {list?.rows.length === 0 && (
            <Empty
              title={object.syncVersion > 0 ? "No look that is kept" : "Nobody has looked yet"}
            >
              {object.syncVersion > 0
                ? "It was looked at before the time for which such records are kept."
                : "A worker takes it as soon as one is free."}
            </Empty>
          )}
          {list && <Pagination {...neighbours(path, asked, list)} />}
        </Section>
      </Columns>
    </>
  );
}

function State({ object }: { object: FoundObject }) {
  if (object.parkedAt) return <Badge tone="red">Parked</Badge>;
  if (object.waitingFor) return <Badge tone="amber">Waiting</Badge>;
  if (object.rung > object.syncedRung) return <Badge tone="blue">To be looked at</Badge>;
  return <Badge tone="green">Up to date</Badge>;
}

function Standing({ object }: { object: FoundObject }) {
  if (object.parkedAt) {
    return (
      <Banner tone="danger" title="It failed too often and was put aside">
        {object.lastError ?? "No reason was kept."} Mend the cause, then resume it.
      </Banner>
    );
  }
  const { waitingCustomer } = object;
  if (waitingCustomer && !waitingCustomer.organizationId) {
    return (
      <Banner
        tone="warning"
        title={`It waits for customer ${waitingCustomer.ref}`}
        action={
          <ButtonLink variant="primary" href={`/admin/customers/${waitingCustomer.id}`}>
            Link customer to an organization
          </ButtonLink>
        }
      >
        Nobody has said yet whose customer this is.
      </Banner>
    );
  }
  return null;
}

function Resume({ object }: { object: FoundObject }) {
  const parked = object.parkedAt !== null;
  return (
    <Confirm
      tone="primary"
      trigger={
        <Button variant={parked ? "primary" : "secondary"}>
          {parked ? "Resume" : "Look again"}
        </Button>
      }
      title={parked ? "Resume this object?" : "Look at this object again?"}
      confirmLabel={parked ? "Resume" : "Look again"}
      action={resume}
    >
      <p>
        Billhook looks at it as it is now and applies what is not true yet. What is true already
        stays.
      </p>
      <input type="hidden" name="objectId" value={object.id} />
    </Confirm>
  );
}

function ObjectFacts({
  object,
  subject,
}: {
  object: FoundObject;
  subject: Awaited<ReturnType<typeof subjectOf>>;
}) {
  const isWaiting = object.rung > object.syncedRung && !object.parkedAt;
  return (
    <Facts
      items={[
        { label: "Gateway", value: sentenceCase(object.gateway) },
        { label: "Mode", value: <ModeBadge mode={object.mode} /> },
        { label: "Gateway’s id", value: <Id value={object.ref} /> },
        subject.organizationId
          ? {
              label: "Organization",
              value: (
                <TextLink href={`/admin/organizations/${subject.organizationId}`}>
                  Open the organization
                </TextLink>
              ),
            }
          : null,
        subject.customer && {
          label: "Customer",
          value: (
            <Id value={subject.customer.ref} href={`/admin/customers/${subject.customer.id}`} />
          ),
        },
        {
          label: "Rung",
          value: `${counted(object.rung, "time")}, ${object.syncedRung.toLocaleString("en")} answered`,
        },
        { label: isWaiting ? "Waiting since" : "Last rung", value: <Time at={object.rungAt} /> },
        object.changedAt && { label: "Last changed", value: <Time at={object.changedAt} /> },
        isWaiting ? { label: "Next attempt", value: <Time at={object.nextAttemptAt} /> } : null,
        object.attempts > 0 ? { label: "Failed attempts", value: object.attempts } : null,
        object.lastError ? { label: "Last failure", value: object.lastError } : null,
        object.missingCount > 0
          ? { label: "Not found", value: `${counted(object.missingCount, "time")} in a row` }
          : null,
      ]}
    />
  );
}

function Events({ events }: { events: Awaited<ReturnType<typeof eventsOfObject>> }) {
  if (events.length === 0) {
    return (
      <p className="text-sm text-muted">
        None that is kept. Something else named it, or its events were deleted by their age.
      </p>
    );
  }
  return (
    <ul className="grid gap-3 text-sm">
      {events.map((event) => (
        <li key={event.id} className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
          <span className="grid min-w-0">
            <span className="min-w-0">
              <TextLink href={`/admin/webhooks/${event.id}`}>
                <EventType type={event.type} />
              </TextLink>
            </span>
            <span className="text-xs text-muted">
              <Time at={event.receivedAt} />
            </span>
          </span>
          <EventStatus status={event.status} />
        </li>
      ))}
    </ul>
  );
}
