import { Repeat } from "lucide-react";
import type { Metadata } from "next";
import { readQuery } from "#app/_billing/change-query.ts";
import { Choose } from "#app/_billing/choose.tsx";
import { Quote } from "#app/_billing/quote.tsx";
import { requireIdentity, requireMember } from "#app/_server/session.ts";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card } from "#app/_ui/section.tsx";
import { findBilling } from "#lib/billing/views.ts";
import { config } from "#lib/config.ts";
import { accept } from "./actions.ts";

export const metadata: Metadata = { title: "Change plan" };

type Props = {
  params: Promise<{ org: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

/** Another plan, interval or number of seats: first what there is to choose, then what it costs. */
export default async function ChangePage({ params, searchParams }: Props) {
  const actor = await requireMember((await params).org, ["owner", "billing"]);
  const query = readQuery(await searchParams);
  const [billing, { organizations }] = await Promise.all([
    findBilling({ actor }, config().mode),
    requireIdentity(),
  ]);
  const slug = organizations.find(({ id }) => id === actor.organizationId)?.slug;
  const base = `/portal/${slug}`;
  const live = (billing?.subscriptions ?? []).filter(({ status }) => status !== "canceled");
  const chosen = query.subscription ? live.find(({ id }) => id === query.subscription) : live[0];
  return (
    <>
      <PageHeader
        title="Change plan"
        breadcrumbs={[{ label: "Billing", href: `${base}/billing` }, { label: "Change plan" }]}
      />
      {!chosen ? (
        <Card>
          <Empty
            icon={<Repeat />}
            title="There is no subscription to change"
            action={
              <ButtonLink href={`${base}/subscribe`} variant="primary">
                Subscribe
              </ButtonLink>
            }
          >
            Subscribe to a plan first. After that it can be changed here.
          </Empty>
        </Card>
      ) : query.to ? (
        <Quote
          actor={actor}
          organizationId={actor.organizationId}
          action={accept}
          base={base}
          query={{ ...query, to: query.to }}
          subscriptionId={chosen.id}
        />
      ) : (
        <Choose
          actor={actor}
          organizationId={actor.organizationId}
          base={base}
          query={query}
          subscriptionId={chosen.id}
        />
      )}
    </>
  );
}
