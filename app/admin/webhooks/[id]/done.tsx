import type { ReactNode } from "react";
import { Banner } from "#app/_ui/banner.tsx";
import { Button, ButtonLink } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { SelectField } from "#app/_ui/field.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import type { Subject } from "#lib/billing/subject-views.ts";
import { counted } from "#lib/counted.ts";
import type { EventDetail } from "#lib/inbox/event-views.ts";
import { Changes } from "../../_parts/changes.tsx";
import { outcomeSentence } from "../../_parts/outcome.ts";
import { capitalized, EVENT_WORDS } from "../../_parts/words.ts";
import { putPriceIntoPlan } from "./actions.ts";

type Plan = { id: string; name: string };

/** What an event led to: before and after, or the named reason for nothing, and what would mend it. */
export function Done({
  event,
  subject,
  plans,
}: {
  event: EventDetail;
  subject: Subject | undefined;
  plans: readonly Plan[];
}) {
  const { covering } = event;
  const wasUsed = event.reasonCode !== "older_than_known";
  const changes = wasUsed && covering ? covering.changes : [];
  return (
    <div className="grid gap-5">
      <p className="text-sm">{sentence(event)}</p>
      {changes.length > 0 && <Changes changes={changes} />}
      {event.rangTogether > 0 && <RangTogether event={event} />}
      <Remedy event={event} subject={subject} plans={plans} />
    </div>
  );
}

function sentence(event: EventDetail): ReactNode {
  const { covering, object } = event;
  if (event.reason) return capitalized(event.reason);
  if (event.status !== "processed" || !covering) return EVENT_WORDS[event.status].meaning;
  if (covering.changes.length > 0) return "This is what it changed.";
  if (covering.reason) return capitalized(covering.reason);
  if (object?.changedBySyncId && object.changedAt && object.changedBySyncId !== covering.id) {
    return (
      <>
        Nothing: already true since{" "}
        <TextLink href={`/admin/objects/${object.id}#${object.changedBySyncId}`}>
          sync {object.changedBySyncId.slice(-6)}
        </TextLink>
        .
      </>
    );
  }
  return outcomeSentence(covering);
}

function RangTogether({ event }: { event: EventDetail }) {
  const n = event.rangTogether;
  const others = n >= 1000 ? "1,000 or more others" : counted(n, "other");
  return (
    <p className="text-sm text-muted">
      This and {others} rang;{" "}
      {event.object ? (
        <TextLink href={`/admin/objects/${event.object.id}`}>one sync</TextLink>
      ) : (
        "one sync"
      )}{" "}
      answered them all.
    </p>
  );
}

function Remedy({
  event,
  subject,
  plans,
}: {
  event: EventDetail;
  subject: Subject | undefined;
  plans: readonly Plan[];
}) {
  if (subject?.customer && !subject.customer.organizationId) {
    return (
      <Banner
        tone="warning"
        title={`${subject.customer.ref} belongs to no organization yet`}
        action={
          <ButtonLink variant="primary" href={`/admin/customers/${subject.customer.id}`}>
            Link customer to an organization
          </ButtonLink>
        }
      >
        Once it is linked, this event and everything else that waits is processed by itself.
      </Banner>
    );
  }
  if (subject?.unmappedPrice && event.object) {
    return (
      <Banner
        tone="warning"
        title={`${subject.unmappedPrice} is in no plan`}
        action={<MapPrice event={event} priceRef={subject.unmappedPrice} plans={plans} />}
      >
        The organization keeps its tier until the price is put into a plan.
      </Banner>
    );
  }
  if (event.object?.parkedAt) {
    return (
      <Banner
        tone="danger"
        title="The object is parked"
        action={<ButtonLink href={`/admin/objects/${event.object.id}`}>Open the object</ButtonLink>}
      >
        {event.object.lastError ?? "It failed too often."} Mend the cause, then resume it.
      </Banner>
    );
  }
  return null;
}

function MapPrice({
  event,
  priceRef,
  plans,
}: {
  event: EventDetail;
  priceRef: string;
  plans: readonly Plan[];
}) {
  if (plans.length === 0) {
    return (
      <ButtonLink variant="primary" href="/admin/plans">
        Make a plan first
      </ButtonLink>
    );
  }
  return (
    <Confirm
      tone="primary"
      trigger={<Button variant="primary">Put price into a plan</Button>}
      title={`Which plan does ${priceRef} sell?`}
      confirmLabel="Put into plan"
      action={putPriceIntoPlan}
    >
      <p>Every organization that pays this price gets the plan’s tier at once.</p>
      <input type="hidden" name="gateway" value={event.gateway} />
      <input type="hidden" name="mode" value={event.mode} />
      <input type="hidden" name="priceRef" value={priceRef} />
      <SelectField
        name="planId"
        label="Plan"
        options={plans.map((plan) => ({ value: plan.id, label: plan.name }))}
      />
    </Confirm>
  );
}
