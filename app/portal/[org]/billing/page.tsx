import { TrendingDown, TrendingUp } from "lucide-react";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { OnItsWay, Outcome } from "#app/_billing/outcome.tsx";
import { requireMember } from "#app/_server/session.ts";
import { Badge, StatusBadge } from "#app/_ui/badge.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Timeline } from "#app/_ui/timeline.tsx";
import { askedToBecome } from "#lib/billing/asking/answer.ts";
import type { CommandRow } from "#lib/billing/asking/kind.ts";
import type { HeldPlan } from "#lib/billing/changing/views.ts";
import { compInWords } from "#lib/billing/granting/rules.ts";
import type { TierChange } from "#lib/billing/history-views.ts";
import { findBillingPage, type PaidFor } from "#lib/billing/page-views.ts";
import type { BillingOverview } from "#lib/billing/views.ts";
import { InvoiceTable } from "../invoices/invoice-table.tsx";
import { CardWarning } from "../payment-methods/card-warning.tsx";
import { Ahead } from "./ahead.tsx";
import { Allowed } from "./allowed.tsx";
import { Status } from "./status.tsx";
import { PlanActions, Terms } from "./terms.tsx";
import { inOwnersWords } from "./words.ts";

export const metadata: Metadata = { title: "Billing" };

const INVOICES_SHOWN = 5;
const CHANGES_SHOWN = 20;

type Props = {
  params: Promise<{ org: string }>;
  searchParams: Promise<{ command?: string | string[] }>;
};

/** The plan, its state and why, what it allows, what was paid. Members see it without the money. */
export default async function BillingPage({ params, searchParams }: Props) {
  const actor = await requireMember((await params).org);
  const { command } = await searchParams;
  const { billing, changes, paid } = await findBillingPage(actor, {
    commandId: typeof command === "string" ? command : undefined,
    invoices: INVOICES_SHOWN,
    changes: CHANGES_SHOWN,
  });
  if (!billing) notFound();
  const portal = paid && portalOf(billing, paid);
  return (
    <>
      <PageHeader
        title={portal ? "Billing" : "Plan"}
        description={`What ${billing.organization.name} has, and why.`}
      />
      {portal?.outcome && <Outcome command={portal.outcome} page={`${portal.base}/billing`} />}
      {portal?.cardAtItsEnd && <CardWarning card={portal.cardAtItsEnd} base={portal.base} />}
      <Plan billing={billing} portal={portal} />
      {billing.entitlements.length > 0 && (
        <Section title={`What ${billing.organization.tier.name} allows`}>
          <Allowed entitlements={billing.entitlements} />
        </Section>
      )}
      {portal && <Invoices page={portal.invoices} base={`${portal.base}/invoices`} />}
      <History changes={changes} />
    </>
  );
}

/** What those who may change the plan see of it besides. */
type Portal = Pick<PaidFor, "outcome" | "invoices" | "cardAtItsEnd"> & {
  readonly base: string;
  readonly held: ReadonlyMap<string, HeldPlan>;
  /** They have just asked for something. */
  readonly isBack: boolean;
};

function portalOf({ organization }: BillingOverview, { plans, outcome, ...paid }: PaidFor): Portal {
  return {
    ...paid,
    base: `/portal/${organization.slug}`,
    held: new Map(plans.map((held) => [held.subscription.id, held])),
    // What waits for a person stands with the plan, and is over when it does not wait any more.
    outcome:
      outcome?.status === "needs_person" && !stillNeeded(outcome, plans) ? undefined : outcome,
    isBack: outcome !== undefined,
  };
}

function stillNeeded(command: CommandRow, plans: readonly HeldPlan[]): boolean {
  const to = askedToBecome(command);
  const held = plans.find(
    ({ subscription }) => command.object === `subscription:${subscription.ref}`,
  );
  if (!to || !held) return true;
  if (held.unpaid || held.lapsed?.commandId === command.id) return false;
  const { priceRef, quantity } = held.subscription;
  return !(to.priceRef === priceRef && to.quantity === quantity);
}

function Plan({ billing, portal }: { billing: BillingOverview; portal: Portal | undefined }) {
  const { organization, subscriptions, comp } = billing;
  const live = subscriptions.filter((each) => each.status !== "canceled");
  const shown = live.length > 0 ? live : subscriptions.slice(0, 1);
  const [main] = live;
  const name = comp?.isInForce ? comp.name : (main?.plan?.name ?? organization.tier.name);
  return (
    <Section title="Plan">
      <div className="grid gap-5">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <p className="text-xl font-semibold tracking-tight wrap-anywhere">{name}</p>
          {comp?.isInForce ? (
            <Badge tone="green">Free of charge</Badge>
          ) : (
            main && <StatusBadge status={main.cancelAt ? "canceling" : main.status} />
          )}
          {(main || comp?.isInForce) && name !== organization.tier.name && (
            <p className="basis-full text-sm text-muted">
              You have the {organization.tier.name} level of service.
            </p>
          )}
        </div>
        {organization.tier.description && (
          <p className="max-w-prose text-sm text-muted">{organization.tier.description}</p>
        )}
        {comp?.isInForce && <Given comp={comp} isPaying={live.length > 0} />}
        {shown.map((subscription) => (
          <div key={subscription.id} className="grid grid-cols-[minmax(0,1fr)] gap-4">
            {(live.length > 1 || (comp?.isInForce && live.length > 0)) && (
              <p className="text-sm font-medium">{subscription.plan?.name ?? "Subscription"}</p>
            )}
            <Status billing={billing} subscription={subscription} />
            {portal && (
              <Held
                portal={portal}
                held={portal.held.get(subscription.id)}
                isOneOfSeveral={live.length > 1}
                organizationId={organization.id}
              />
            )}
          </div>
        ))}
        {shown.length === 0 && !comp?.isInForce && (
          <p className="text-sm text-muted">
            There is no subscription. You can use what {organization.tier.name} allows for as long
            as you like.
          </p>
        )}
        {portal && live.length === 0 && (
          <div className="flex flex-wrap gap-2">
            <ButtonLink href={`${portal.base}/subscribe`} variant="primary">
              Subscribe
            </ButtonLink>
          </div>
        )}
      </div>
    </Section>
  );
}

/** Nothing is charged for what is given; what is paid for beside it goes on. */
function Given({
  comp,
  isPaying,
}: {
  comp: NonNullable<BillingOverview["comp"]>;
  isPaying: boolean;
}) {
  return (
    <p className="max-w-prose text-sm">
      {compInWords(comp.name, comp.endsAt)} It ends by itself.
      {isPaying && " Your subscription goes on beside it, and is charged as before."}
    </p>
  );
}

function Held({
  portal: { base, outcome, isBack },
  held,
  isOneOfSeveral,
  organizationId,
}: {
  portal: Portal;
  held: HeldPlan | undefined;
  isOneOfSeveral: boolean;
  organizationId: string;
}) {
  if (!held) return null;
  return (
    <>
      {held.open && held.open.id !== outcome?.id && (
        <OnItsWay command={held.open} page={`${base}/billing`} />
      )}
      <Ahead held={held} organizationId={organizationId} base={base} isNews={isBack} />
      <Terms held={held} />
      <PlanActions held={held} base={base} isOneOfSeveral={isOneOfSeveral} />
    </>
  );
}

function Invoices({ page: { rows, older }, base }: { page: PaidFor["invoices"]; base: string }) {
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
