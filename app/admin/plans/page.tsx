import { Plus, Tags } from "lucide-react";
import type { Metadata } from "next";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Table } from "#app/_ui/table.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { markets, sellingOf } from "#lib/billing/selling/views.ts";
import { priceInWords } from "#lib/catalogue/rules.ts";
import { catalogue, countUnmapped, type PlanView } from "#lib/catalogue/views.ts";
import { counted } from "#lib/counted.ts";
import { PlanTabs } from "./_parts/frame.tsx";
import { SaleStatus, There } from "./_parts/sale.tsx";
import { TierMatrix } from "./_parts/tier-matrix.tsx";

export const metadata: Metadata = { title: "Plans" };

/** What is sold, and what those who buy it may use. */
export default async function PlansPage() {
  const actor = await requireAdministrator();
  const mode = await shownMode();
  const [{ tiers, plans }, unmapped, all] = await Promise.all([
    catalogue(),
    countUnmapped(actor, mode),
    markets(actor, mode),
  ]);
  const selling = await Promise.all(
    all.map(async (market) => ({ market, plans: await sellingOf(actor, market, plans) })),
  );
  return (
    <>
      <PageHeader
        title="Plans"
        description={
          <>
            A plan is what is bought; a tier is the level of service that it gives.{" "}
            <TextLink href="/">See the pricing page</TextLink>
          </>
        }
        actions={
          <ButtonLink
            href="/admin/plans/new"
            variant="primary"
            icon={<Plus className="size-4" aria-hidden="true" />}
          >
            New plan
          </ButtonLink>
        }
      />
      <PlanTabs current="plans" unmapped={unmapped.all} />
      {unmapped.used > 0 && (
        <Banner
          tone="warning"
          title={counted(
            unmapped.used,
            `${mode} price that is subscribed to is in no plan`,
            `${mode} prices that are subscribed to are in no plan`,
          )}
          action={
            <ButtonLink size="sm" href="/admin/plans/prices">
              Put into a plan
            </ButtonLink>
          }
        >
          Until then these subscriptions move no tier.
        </Banner>
      )}
      <Section title="Plans" flush>
        <Table
          caption="Plans"
          rows={plans}
          rowKey={(plan) => plan.id}
          rowHref={(plan) => `/admin/plans/${plan.id}`}
          columns={[
            { key: "name", header: "Plan", cell: (plan) => plan.name },
            {
              key: "code",
              header: "Code",
              cell: (plan) => <span className="font-mono text-[0.8125rem]">{plan.code}</span>,
            },
            { key: "tier", header: "Tier", cell: (plan) => plan.tier.name },
            { key: "prices", header: "Prices", cell: (plan) => <Prices plan={plan} /> },
            ...selling.map(({ market, plans: there }) => ({
              key: market.gateway,
              header: `At ${market.title}`,
              cell: (plan: PlanView) => <There selling={there.get(plan.id)} />,
            })),
            {
              key: "status",
              header: "Status",
              narrow: true,
              cell: ({ archivedAt }) => <SaleStatus archivedAt={archivedAt} />,
            },
          ]}
          empty={
            <Empty
              title="No plan yet"
              icon={<Tags />}
              action={<ButtonLink href="/admin/plans/new">New plan</ButtonLink>}
            >
              Make one, then put your gateway's prices into it: from then on whoever pays such a
              price gets the plan's tier.
            </Empty>
          }
        />
      </Section>
      <Section
        title="Tiers"
        description="Lowest rank first. The default one is for everybody who pays for none."
        actions={
          <ButtonLink size="sm" href="/admin/plans/tiers/new">
            New tier
          </ButtonLink>
        }
        flush
      >
        <TierMatrix tiers={tiers} />
      </Section>
    </>
  );
}

function Prices({ plan }: { plan: PlanView }) {
  if (plan.prices.length === 0) return <span className="text-muted">None</span>;
  return (
    <ul className="grid tabular-nums">
      {plan.prices.map((price) => (
        <li key={price.id}>{priceInWords(price)}</li>
      ))}
    </ul>
  );
}
