import type { Metadata } from "next";
import { requireIdentity, requireMember } from "#app/_server/session.ts";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card } from "#app/_ui/section.tsx";
import { findStanding } from "#lib/billing/subscribing/views.ts";
import { currenciesOf, offersOf } from "#lib/catalogue/offer-rules.ts";
import { catalogue } from "#lib/catalogue/views.ts";
import { config } from "#lib/config.ts";
import { Choose } from "./choose.tsx";
import { Confirm } from "./confirm.tsx";
import { readQuery } from "./query.ts";
import { InTheWay, LeftOpen } from "./standing.tsx";

export const metadata: Metadata = { title: "Subscribe" };

type Props = {
  params: Promise<{ org: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

/** What to buy, what it costs and what happens next, with the one button that leads to paying. */
export default async function SubscribePage({ params, searchParams }: Props) {
  const actor = await requireMember((await params).org, ["owner", "billing"]);
  const { organizationId } = actor;
  const [query, sold, { organizations }, stands] = await Promise.all([
    searchParams.then(readQuery),
    catalogue(),
    requireIdentity(),
    findStanding(actor, { organizationId, mode: config().mode }),
  ]);
  const base = `/portal/${organizations.find(({ id }) => id === organizationId)?.slug}`;
  const currencies = currenciesOf(sold);
  const currency = currencies.find((code) => code === query.currency) ?? currencies[0];
  const interval = query.interval ?? "month";
  const offers = offersOf(sold, currency, interval).filter(({ price }) => price !== "free");
  const plan = sold.plans.find(({ id, code }) => id === query.plan || code === query.plan);
  const chosen = { ...query, plan: plan?.code, interval, currency };
  return (
    <>
      <PageHeader
        title="Subscribe"
        breadcrumbs={[{ label: "Billing", href: `${base}/billing` }, { label: "Subscribe" }]}
      />
      {stands.standing.kind !== "free" ? (
        <InTheWay standing={stands.standing} base={base} />
      ) : offers.length === 0 || !currency ? (
        <Card>
          <Empty
            title="Nothing is on sale yet"
            action={<ButtonLink href={`${base}/billing`}>Back to billing</ButtonLink>}
          >
            Come back later. What you have stays as it is.
          </Empty>
        </Card>
      ) : (
        <>
          {stands.unfinished && <LeftOpen left={stands.unfinished} base={base} />}
          {plan ? (
            <Confirm
              actor={actor}
              base={base}
              plan={plan}
              query={{ ...chosen, interval, currency }}
              currencies={currencies}
            />
          ) : (
            <Choose base={base} offers={offers} query={chosen} currencies={currencies} />
          )}
        </>
      )}
    </>
  );
}
