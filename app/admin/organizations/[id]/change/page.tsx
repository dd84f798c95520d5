import type { Metadata } from "next";
import { readQuery } from "#app/_billing/change-query.ts";
import { Choose } from "#app/_billing/choose.tsx";
import { Quote } from "#app/_billing/quote.tsx";
import type { SearchParams } from "#app/_server/address.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card } from "#app/_ui/section.tsx";
import { heldPlan } from "#lib/billing/changing/views.ts";
import { organizationNamed } from "../named.ts";
import { accept } from "./actions.ts";
import { Ahead } from "./ahead.tsx";

export const metadata: Metadata = { title: "Change plan" };

type Props = { params: Promise<{ id: string }>; searchParams: SearchParams };

/** Another plan, interval or number of seats in the organization's place, by the portal's own quote. */
export default async function ChangePage({ params, searchParams }: Props) {
  const { actor, organizationId, base, live, breadcrumbs } = await organizationNamed(params);
  const query = readQuery(await searchParams);
  const chosen = query.subscription ? live.find(({ id }) => id === query.subscription) : live[0];
  const held = chosen && (await heldPlan(actor, { organizationId, subscriptionId: chosen.id }));
  const shared = { actor, organizationId, base };
  return (
    <>
      <PageHeader title="Change plan" breadcrumbs={[...breadcrumbs, { label: "Change plan" }]} />
      {held?.open && (
        <Banner tone="info" title="A change is on its way">
          The payment company has not answered yet. Look again in a moment.
        </Banner>
      )}
      {held && <Ahead held={held} organizationId={organizationId} />}
      {!chosen ? (
        <Card>
          <Empty
            title="There is no subscription to change"
            action={<ButtonLink href={`${base}/grant`}>Give it a plan</ButtonLink>}
          >
            Its owner subscribes in the portal. You can give it a plan free of charge.
          </Empty>
        </Card>
      ) : query.to ? (
        <Quote
          {...shared}
          action={accept}
          query={{ ...query, to: query.to }}
          subscriptionId={chosen.id}
        />
      ) : (
        <Choose {...shared} query={query} subscriptionId={chosen.id} />
      )}
    </>
  );
}
