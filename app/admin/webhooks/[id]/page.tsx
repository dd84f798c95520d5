import { Download, History } from "lucide-react";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { requireAdministrator } from "#app/_server/session.ts";
import { Button, ButtonLink, buttonClass } from "#app/_ui/button.tsx";
import { CodeBlock } from "#app/_ui/code-block.tsx";
import { Columns } from "#app/_ui/columns.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { JsonViewer } from "#app/_ui/json-viewer.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card, Section } from "#app/_ui/section.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { Time } from "#app/_ui/time.tsx";
import { subjectOf } from "#lib/billing/subject-views.ts";
import { catalogue } from "#lib/catalogue/views.ts";
import { type EventDetail, findEvent, forgottenEvent } from "#lib/inbox/event-views.ts";
import { EventStatus } from "../../_parts/event-status.tsx";
import { EventType } from "../../_parts/event-type.tsx";
import { SyncTimeline } from "../../_parts/sync-timeline.tsx";
import { replay } from "./actions.ts";
import { Done } from "./done.tsx";
import { EventFacts, Verdict } from "./facts.tsx";
import { Preview } from "./preview.tsx";

type Props = { params: Promise<{ id: string }> };

const read = cache(async (id: string) => {
  const actor = await requireAdministrator();
  return { actor, event: await findEvent(actor, id) };
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { event } = await read((await params).id);
  return { title: event?.type ?? "Not found" };
}

/** One event: what it led to, every attempt, and exactly what came. */
export default async function EventPage({ params }: Props) {
  const { actor, event } = await read((await params).id);
  if (!event) return <Forgotten forgotten={await forgottenEvent(actor, (await params).id)} />;
  const subject = event.object && (await subjectOf(actor, event.object));
  const plans = subject?.unmappedPrice ? (await catalogue()).plans : [];
  return (
    <>
      <PageHeader
        mono
        title={event.type}
        breadcrumbs={[{ label: "Webhooks", href: "/admin/webhooks" }, { label: event.eventRef }]}
        status={<EventStatus status={event.status} />}
        description={<Time at={event.receivedAt} />}
        actions={event.object && <Replay event={event} />}
      />
      <Columns
        aside={
          <>
            <Section title="Event">
              <EventFacts event={event} subject={subject} />
            </Section>
            <Section title="Verdict">
              <Verdict event={event} />
            </Section>
            {event.others.length > 0 && <Others event={event} />}
          </>
        }
      >
        <Section title="What was done">
          <Done event={event} subject={subject} plans={plans.filter((plan) => !plan.archivedAt)} />
          {event.object && (
            <div className="mt-5 border-t border-line pt-5">
              <Preview eventId={event.id} />
            </div>
          )}
        </Section>
        {event.attempts.length > 0 && (
          <Section
            title="Attempts"
            description="Every look at the object since this event rang it, the first one first."
          >
            <SyncTimeline syncs={event.attempts} coveringId={event.syncId} />
          </Section>
        )}
        <Section
          title="Payload"
          description="As it came, byte for byte, in the download."
          flush
          actions={
            <a
              href={`/admin/webhooks/${event.id}/raw`}
              className={buttonClass({ size: "sm" })}
              download
            >
              <Download className="size-4" aria-hidden="true" />
              Download
            </a>
          }
        >
          <JsonViewer text={event.body.toString("utf8")} />
        </Section>
        <Section title="Headers" flush>
          <CodeBlock code={headerLines(event.headers)} />
        </Section>
      </Columns>
    </>
  );
}

/** A link in an old mail or a ticket deserves more than "not found". */
function Forgotten({ forgotten }: { forgotten: Awaited<ReturnType<typeof forgottenEvent>> }) {
  if (!forgotten) notFound();
  return (
    <>
      <PageHeader
        title="No longer kept"
        breadcrumbs={[{ label: "Webhooks", href: "/admin/webhooks" }, { label: "Deleted event" }]}
      />
      <Card>
        <Empty
          icon={<History />}
          title="This event was deleted by its age"
          action={<ButtonLink href="/admin/settings/general">How long events are kept</ButtonLink>}
        >
          It came on <Time at={forgotten.receivedAt} />. Events are kept for {forgotten.monthsKept}{" "}
          months; what it changed is still there, and so is the gateway’s own log of it, for as long
          as the gateway keeps that.
        </Empty>
      </Card>
    </>
  );
}

function Replay({ event }: { event: EventDetail }) {
  return (
    <Confirm
      tone="primary"
      trigger={<Button variant="primary">Replay</Button>}
      title="Replay this event?"
      confirmLabel="Replay"
      action={replay}
    >
      <p>
        Billhook looks at {event.object?.ref ?? "the object"} as it is now and applies what is not
        true yet. What is true already stays; nobody is mailed or charged twice.
      </p>
      <input type="hidden" name="eventId" value={event.id} />
    </Confirm>
  );
}

function Others({ event }: { event: EventDetail }) {
  return (
    <Section
      title="Other events of this object"
      actions={
        event.object && (
          <ButtonLink size="sm" href={`/admin/objects/${event.object.id}`}>
            All of its history
          </ButtonLink>
        )
      }
    >
      <ul className="grid gap-3 text-sm">
        {event.others.map((other) => (
          <li
            key={other.id}
            className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1"
          >
            <span className="min-w-0">
              <TextLink href={`/admin/webhooks/${other.id}`}>
                <EventType type={other.type} />
              </TextLink>
            </span>
            <EventStatus status={other.status} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function headerLines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}
