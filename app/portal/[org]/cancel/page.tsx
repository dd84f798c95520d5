import { Ban } from "lucide-react";
import type { Metadata } from "next";
import { readAddress, type SearchParams } from "#app/_server/address.ts";
import { found } from "#app/_server/found.ts";
import { requireMember } from "#app/_server/session.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card, Section } from "#app/_ui/section.tsx";
import { type EndingPage, findEnding } from "#lib/billing/ending/views.ts";
import { dayInWords } from "#lib/time.ts";
import { Consequences } from "./consequences.tsx";
import { CancelForm, KeepForm, PauseForm, ResumeForm, type Seen } from "./forms.tsx";

export const metadata: Metadata = { title: "Cancel plan" };

type Props = { params: Promise<{ org: string }>; searchParams: SearchParams };
type Shown = { ending: EndingPage; seen: Seen; billing: string };

/** What is lost and when, before anything is cancelled; and the way back until then. */
export default async function CancelPage({ params, searchParams }: Props) {
  const { org } = await params;
  const actor = await requireMember(org, ["owner", "billing"]);
  const { subscription } = await readAddress(searchParams);
  const ending = await found(findEnding({ actor }, subscription));
  const billing = `/portal/${encodeURIComponent(org)}/billing`;
  const title = ending?.subscription.cancelAt ? "Cancelled" : "Cancel plan";
  return (
    <>
      <PageHeader
        title={title}
        breadcrumbs={[{ label: "Billing", href: billing }, { label: title }]}
      />
      {ending ? (
        <Ending
          ending={ending}
          seen={{
            organizationId: actor.organizationId,
            subscriptionId: ending.subscription.id,
            revision: ending.revision,
          }}
          billing={billing}
        />
      ) : (
        <Card>
          <Empty
            icon={<Ban />}
            title="There is nothing to cancel"
            action={<ButtonLink href={billing}>See your plan</ButtonLink>}
          >
            You have no subscription that would be charged again.
          </Empty>
        </Card>
      )}
    </>
  );
}

function Ending(shown: Shown) {
  const { ending } = shown;
  return (
    <>
      {ending.onItsWay && (
        <Banner tone="info" title="A change is on its way">
          The payment company has not answered yet. Look again in a moment.
        </Banner>
      )}
      {ending.subscription.cancelAt ? <Cancelled {...shown} /> : <NotCancelled {...shown} />}
      <Pause {...shown} />
    </>
  );
}

function Cancelled({ ending, seen }: Shown) {
  const { cancelAt } = ending.subscription;
  return (
    <Section title={cancelAt ? `Ends on ${dayInWords(cancelAt)}` : "Ends"}>
      <div className="grid gap-5">
        <Consequences ending={ending} at={cancelAt} />
        {ending.blockers.keep ? (
          <p className="text-sm">{ending.blockers.keep}</p>
        ) : (
          <KeepForm seen={seen} />
        )}
      </div>
    </Section>
  );
}

function NotCancelled({ ending, seen, billing }: Shown) {
  const { cancel } = ending.blockers;
  if (cancel) {
    return (
      <Banner
        tone="warning"
        title="It cannot be cancelled now"
        action={<ButtonLink href={billing}>See your plan</ButtonLink>}
      >
        {cancel}
      </Banner>
    );
  }
  return (
    <Section title={`What happens to ${ending.planName}`}>
      <div className="grid max-w-xl gap-6">
        <Consequences ending={ending} at={ending.endsAt} />
        <CancelForm
          seen={seen}
          planName={ending.planName}
          isAtOnce={ending.subscription.status === "paused"}
          backHref={billing}
        />
      </div>
    </Section>
  );
}

/** Only where the operator allows it; a pause that is there can always be ended. */
function Pause({ ending, seen }: Shown) {
  const { subscription, blockers, isPauseAllowed } = ending;
  if (subscription.status === "paused") {
    return (
      <Section title="Paused">
        <div className="grid gap-4 text-sm">
          <p>
            Nothing is charged, and {ending.planName} does not count while it is paused. When you
            resume, a new period begins today and is charged.
          </p>
          {blockers.unpause ? <p>{blockers.unpause}</p> : <ResumeForm seen={seen} />}
        </div>
      </Section>
    );
  }
  if (!isPauseAllowed || subscription.cancelAt) return null;
  return (
    <Section title="Pause instead">
      <div className="grid gap-4 text-sm">
        <p className="max-w-prose">
          {ending.planName} stops at once and nothing is charged until you resume it.{" "}
          {subscription.periodEnd &&
            `What is left of the paid period, until ${dayInWords(subscription.periodEnd)}, is not given back. `}
          When you resume, a new period begins and is charged. {ending.givenUp}
        </p>
        {blockers.pause ? (
          <p className="text-muted">{blockers.pause}</p>
        ) : (
          <PauseForm seen={seen} />
        )}
      </div>
    </Section>
  );
}
