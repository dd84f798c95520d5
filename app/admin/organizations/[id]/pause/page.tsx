import type { Metadata } from "next";
import { readAddress, type SearchParams } from "#app/_server/address.ts";
import { found } from "#app/_server/found.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Facts } from "#app/_ui/facts.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card, Section } from "#app/_ui/section.tsx";
import { type EndingPage, findEnding } from "#lib/billing/ending/views.ts";
import { dayInWords } from "#lib/time.ts";
import { Ask, type Seen } from "../ask.tsx";
import { organizationNamed } from "../named.ts";
import { pause, resume } from "./actions.ts";

export const metadata: Metadata = { title: "Pause subscription" };

type Props = { params: Promise<{ id: string }>; searchParams: SearchParams };

/** Stops a subscription for a while, or lets it go on; what that means is said before. */
export default async function PausePage({ params, searchParams }: Props) {
  const { actor, organizationId, base, name, live, breadcrumbs } = await organizationNamed(params);
  const { subscription } = await readAddress(searchParams);
  const chosen = subscription ? live.find(({ id }) => id === subscription) : live[0];
  const ending = chosen && (await found(findEnding({ actor, organizationId }, chosen.id)));
  const isPaused = ending?.subscription.status === "paused";
  const title = isPaused ? "Resume subscription" : "Pause subscription";
  return (
    <>
      <PageHeader title={title} breadcrumbs={[...breadcrumbs, { label: title }]} />
      {ending?.onItsWay && (
        <Banner tone="info" title="A change is on its way">
          The payment company has not answered yet. Look again in a moment.
        </Banner>
      )}
      {ending ? (
        <PauseOrResume
          ending={ending}
          seen={{
            organizationId,
            subscriptionId: ending.subscription.id,
            revision: ending.revision,
          }}
        />
      ) : (
        <Card>
          <Empty
            title="There is nothing to pause"
            action={<ButtonLink href={base}>Back to {name}</ButtonLink>}
          >
            {name} has no subscription that would be charged again.
          </Empty>
        </Card>
      )}
    </>
  );
}

function PauseOrResume({ ending, seen }: { ending: EndingPage; seen: Seen }) {
  const { planName, blockers } = ending;
  if (!blockers.unpause) {
    return (
      <Section
        title={`${planName} is paused`}
        description="Nothing is charged, and it does not count. When it goes on, a new period begins that day and is charged."
      >
        <Ask seen={seen} action={resume} label={`Resume ${planName}`} variant="primary" />
      </Section>
    );
  }
  return (
    <Section
      title={planName}
      description="It stops at once, and nothing is charged until it is resumed. Then a new period begins and is charged."
    >
      <div className="grid gap-5">
        <Facts items={consequencesOf(ending)} />
        {blockers.pause ? (
          <p className="text-sm">{blockers.pause}</p>
        ) : (
          <Ask seen={seen} action={pause} label={`Pause ${planName}`} variant="danger" />
        )}
      </div>
    </Section>
  );
}

function consequencesOf({ tierAfter, lost, givenUp, subscription: { periodEnd } }: EndingPage) {
  return [
    { label: "While it is paused", value: tierAfter },
    lost.length > 0 && { label: "Then", value: lost.join(", ") },
    periodEnd && {
      label: "Not given back",
      value: `What is left of the paid period, until ${dayInWords(periodEnd)}`,
    },
    givenUp !== "" && { label: "Given up", value: givenUp },
  ];
}
