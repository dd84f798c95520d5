import { ModeBadge } from "#app/_ui/badge.tsx";
import { Facts } from "#app/_ui/facts.tsx";
import { Id } from "#app/_ui/id.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { Subject } from "#lib/billing/subject-views.ts";
import { counted } from "#lib/counted.ts";
import type { EventDetail } from "#lib/inbox/event-views.ts";
import { sentenceCase } from "../../_parts/words.ts";

/** What is known about an event itself, each part a link to what it names. */
export function EventFacts({
  event,
  subject,
}: {
  event: EventDetail;
  subject: Subject | undefined;
}) {
  const { object, organization, deliveries } = event;
  return (
    <Facts
      items={[
        { label: "Gateway", value: sentenceCase(event.gateway) },
        { label: "Mode", value: <ModeBadge mode={event.mode} /> },
        { label: "Gateway’s id", value: <Id value={event.eventRef} /> },
        { label: "Our id", value: <Id value={event.id} /> },
        event.account ? { label: "Account", value: <Id value={event.account} /> } : null,
        object && {
          label: sentenceCase(object.type),
          value: <Id value={object.ref} href={`/admin/objects/${object.id}`} />,
        },
        organization && {
          label: "Organization",
          value: (
            <TextLink href={`/admin/organizations/${organization.id}`}>
              {organization.name}
            </TextLink>
          ),
        },
        subject?.customer && {
          label: "Customer",
          value: (
            <Id value={subject.customer.ref} href={`/admin/customers/${subject.customer.id}`} />
          ),
        },
        {
          label: "Delivered",
          value:
            deliveries && deliveries.count > 1 ? (
              <>
                {deliveries.count} times, last <Time at={deliveries.lastAt} />
              </>
            ) : (
              "Once"
            ),
        },
        { label: "Received", value: <Time at={event.receivedAt} /> },
        event.createdAt && {
          label: "Created",
          value: <Time at={event.createdAt} relative={false} />,
        },
        event.apiVersion ? { label: "API version", value: event.apiVersion } : null,
      ]}
    />
  );
}

/** Why it was believed: which secret proved it, and when it was signed. */
export function Verdict({ event }: { event: EventDetail }) {
  const { secret, signedAt } = event;
  return (
    <div className="grid gap-3 text-sm">
      <p>
        Genuine: signed with{" "}
        {secret ? (
          <>
            “{secret.label}” (<code className="font-mono">…{secret.lastFour}</code>), a secret of{" "}
            {secret.mode} mode.
          </>
        ) : (
          "a secret that has been removed since."
        )}
      </p>
      {signedAt && (
        <p className="text-muted">
          Signed <Time at={signedAt} relative={false} />, {lag(signedAt, event.receivedAt)} before
          it was stored.
        </p>
      )}
      <TextLink href={`/admin/settings/gateways/${event.gateway}`}>Signing secrets</TextLink>
    </div>
  );
}

function lag(from: Date, to: Date): string {
  const seconds = Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));
  if (seconds === 0) return "less than a second";
  return counted(seconds, "second");
}
