import type { ReactNode } from "react";
import { readAddress, type SearchParams } from "#app/_server/address.ts";
import { found } from "#app/_server/found.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import type { Fact } from "#app/_ui/facts.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card } from "#app/_ui/section.tsx";
import { type EndingPage, findEnding } from "#lib/billing/ending/views.ts";
import type { Seen } from "./ask.tsx";
import { organizationNamed } from "./named.ts";

export type EndingProps = { params: Promise<{ id: string }>; searchParams: SearchParams };
export type ShownEnding = { readonly ending: EndingPage; readonly seen: Seen };

/** A page about how a subscription of an organization stops or goes on: the named one, else its only one. */
export async function AboutEnding({
  props: { params, searchParams },
  titleOf,
  nothing,
  children,
}: {
  props: EndingProps;
  titleOf: (ending: EndingPage | undefined) => string;
  /** Said where there is no such subscription. */
  nothing: string;
  children: (shown: ShownEnding) => ReactNode;
}) {
  const { actor, organizationId, base, name, live, breadcrumbs } = await organizationNamed(params);
  const { subscription } = await readAddress(searchParams);
  const chosen = subscription ? live.find(({ id }) => id === subscription) : live[0];
  const ending = chosen && (await found(findEnding({ actor, organizationId }, chosen.id)));
  const title = titleOf(ending);
  return (
    <>
      <PageHeader title={title} breadcrumbs={[...breadcrumbs, { label: title }]} />
      {ending?.onItsWay && (
        <Banner tone="info" title="A change is on its way">
          The payment company has not answered yet. Look again in a moment.
        </Banner>
      )}
      {ending ? (
        children({
          ending,
          seen: {
            organizationId,
            subscriptionId: ending.subscription.id,
            revision: ending.revision,
          },
        })
      ) : (
        <Card>
          <Empty title={nothing} action={<ButtonLink href={base}>Back to {name}</ButtonLink>}>
            {name} has no subscription that would be charged again.
          </Empty>
        </Card>
      )}
    </>
  );
}

/** What the organization has no longer then, and what of its plans is dropped. */
export function whatIsLost({ lost, givenUp }: EndingPage): (Fact | false)[] {
  return [
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
  ];
}
