import { TrendingDown, TrendingUp } from "lucide-react";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { requireMember } from "#app/_server/session.ts";
import { StatusBadge } from "#app/_ui/badge.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Timeline } from "#app/_ui/timeline.tsx";
import type { Member } from "#lib/actor.ts";
import { listTierChanges, type TierChange } from "#lib/billing/history-views.ts";
import { type BillingOverview, findBilling, listInvoices } from "#lib/billing/views.ts";
import { config } from "#lib/config.ts";
import { InvoiceTable } from "../invoices/invoice-table.tsx";
import { Allowed } from "./allowed.tsx";
import { Status } from "./status.tsx";
import { inOwnersWords } from "./words.ts";

export const metadata: Metadata = { title: "Billing" };

const INVOICES_SHOWN = 5;
const CHANGES_SHOWN = 20;

/** The plan, its state and why, what it allows, what was paid. Members see it without the money. */
export default async function BillingPage({ params }: { params: Promise<{ org: string }> }) {
  const actor = await requireMember((await params).org);
  const reader = { actor };
  const [billing, history] = await Promise.all([
    findBilling(reader, config().mode),
    listTierChanges(reader, { limit: CHANGES_SHOWN }),
  ]);
  if (!billing) notFound();
  const seesMoney = actor.role !== "member";
  return (
    <>
      <PageHeader
        title={seesMoney ? "Billing" : "Plan"}
        description={`What ${billing.organization.name} has, and why.`}
      />
      <Plan billing={billing} />
      {billing.entitlements.length > 0 && (
        <Section title={`What ${billing.organization.tier.name} allows`}>
          <Allowed entitlements={billing.entitlements} />
        </Section>
      )}
      {seesMoney && <Invoices actor={actor} slug={billing.organization.slug} />}
      <History changes={history.rows} />
    </>
  );
}

function Plan({ billing }: { billing: BillingOverview }) {
  const { organization, subscriptions } = billing;
  const live = subscriptions.filter((each) => each.status !== "canceled");
  const shown = live.length > 0 ? live : subscriptions.slice(0, 1);
  const [main] = live;
  const name = main?.plan?.name ?? organization.tier.name;
  return (
    <Section title="Plan">
      <div className="grid gap-5">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <p className="text-xl font-semibold tracking-tight wrap-anywhere">{name}</p>
          {main && <StatusBadge status={main.cancelAt ? "canceling" : main.status} />}
          {main && name !== organization.tier.name && (
            <p className="basis-full text-sm text-muted">
              You have the {organization.tier.name} level of service.
            </p>
          )}
        </div>
        {organization.tier.description && (
          <p className="max-w-prose text-sm text-muted">{organization.tier.description}</p>
        )}
        {shown.map((subscription) => (
          <div key={subscription.id} className="grid gap-2">
            {live.length > 1 && (
              <p className="text-sm font-medium">{subscription.plan?.name ?? "Subscription"}</p>
            )}
            <Status billing={billing} subscription={subscription} />
          </div>
        ))}
        {shown.length === 0 && (
          <p className="text-sm text-muted">
            There is no subscription. You can use what {organization.tier.name} allows for as long
            as you like.
          </p>
        )}
      </div>
    </Section>
  );
}

async function Invoices({ actor, slug }: { actor: Member; slug: string }) {
  const { rows, older } = await listInvoices({ actor }, config().mode, { limit: INVOICES_SHOWN });
  const base = `/portal/${slug}/invoices`;
  return (
    <Section
      title="Invoices"
      flush
      actions={
        older && (
          <ButtonLink size="sm" href={base}>
            All invoices
          </ButtonLink>
        )
      }
    >
      <InvoiceTable rows={rows} base={base} />
    </Section>
  );
}

function History({ changes }: { changes: readonly TierChange[] }) {
  return (
    <Section title="History" description="How your level of service changed, and why.">
      {changes.length === 0 ? (
        <Empty title="Nothing has changed yet">
          When your plan starts, changes or ends, it stands here with the reason.
        </Empty>
      ) : (
        <Timeline
          items={changes.map((change) => ({
            id: change.id,
            at: change.at,
            tone: change.toRank > change.fromRank ? "green" : "grey",
            icon: change.toRank > change.fromRank ? <TrendingUp /> : <TrendingDown />,
            title: `${change.from} → ${change.to}`,
            body: inOwnersWords(change.because),
          }))}
        />
      )}
    </Section>
  );
}
