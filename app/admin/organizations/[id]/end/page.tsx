import type { Metadata } from "next";
import { readAddress, type SearchParams } from "#app/_server/address.ts";
import { found } from "#app/_server/found.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Facts } from "#app/_ui/facts.tsx";
import { CheckField } from "#app/_ui/field.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card, Section } from "#app/_ui/section.tsx";
import { type EndingPage, findEnding } from "#lib/billing/ending/views.ts";
import { dayInWords } from "#lib/time.ts";
import { Ask, type Seen } from "../ask.tsx";
import { organizationNamed } from "../named.ts";
import { cancel, endNow, keep } from "./actions.ts";

export const metadata: Metadata = { title: "End subscription" };

type Props = { params: Promise<{ id: string }>; searchParams: SearchParams };
type Shown = { ending: EndingPage; seen: Seen };

/** With the period or at once, and the way back until then; what is lost is said before. */
export default async function EndPage({ params, searchParams }: Props) {
  const { actor, organizationId, base, name, live, breadcrumbs } = await organizationNamed(params);
  const { subscription } = await readAddress(searchParams);
  const chosen = subscription ? live.find(({ id }) => id === subscription) : live[0];
  const ending = chosen && (await found(findEnding({ actor, organizationId }, chosen.id)));
  return (
    <>
      <PageHeader
        title="End subscription"
        breadcrumbs={[...breadcrumbs, { label: "End subscription" }]}
      />
      {ending ? (
        <Ending
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
            title="There is nothing to end"
            action={<ButtonLink href={base}>Back to {name}</ButtonLink>}
          >
            {name} has no subscription that would be charged again.
          </Empty>
        </Card>
      )}
    </>
  );
}

function Ending(shown: Shown) {
  const { ending } = shown;
  const { cancelAt } = ending.subscription;
  return (
    <>
      {ending.onItsWay && (
        <Banner tone="info" title="A change is on its way">
          The payment company has not answered yet. Look again in a moment.
        </Banner>
      )}
      <Section title={ending.planName}>
        <Consequences ending={ending} />
      </Section>
      {cancelAt ? <Keep {...shown} /> : ending.endsAt && <AtItsEnd {...shown} />}
      <AtOnce {...shown} />
    </>
  );
}

function Consequences({ ending }: { ending: EndingPage }) {
  const { endsAt, tierAfter, lost, givenUp, subscription } = ending;
  const ends = subscription.cancelAt ?? endsAt;
  return (
    <Facts
      items={[
        { label: "Ends", value: ends ? dayInWords(ends) : "At once: it has no paid period" },
        { label: "After that", value: tierAfter },
        lost.length > 0 && {
          label: "What is lost",
          value: (
            <ul>
              {lost.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ul>
          ),
        },
        givenUp !== "" && { label: "Given up", value: givenUp },
        subscription.status === "past_due" && {
          label: "Owed",
          value: "What is owed for the current period stays owed.",
        },
      ]}
    />
  );
}

function AtItsEnd({ ending, seen }: Shown) {
  const { cancel: blocker } = ending.blockers;
  return (
    <Section
      title="At the end of its period"
      description="Nothing more is charged. It can be taken back until then."
    >
      {blocker ? (
        <p className="text-sm">{blocker}</p>
      ) : (
        <Ask seen={seen} action={cancel} label={`Cancel ${ending.planName}`} variant="danger" />
      )}
    </Section>
  );
}

function Keep({ ending, seen }: Shown) {
  return (
    <Section title="Take it back" description="It renews as before.">
      <Ask seen={seen} action={keep} label={`Keep ${ending.planName}`} variant="primary" />
    </Section>
  );
}

function AtOnce({ ending, seen }: Shown) {
  return (
    <Section
      title="At once"
      tone="red"
      description="It cannot be taken back: the organization would have to subscribe anew."
    >
      <Ask seen={seen} action={endNow} label={`End ${ending.planName} now`} variant="danger">
        <CheckField
          name="givesBack"
          label="Credit what was paid for and not used"
          hint="It stays with the customer and goes to later invoices."
        />
      </Ask>
    </Section>
  );
}
