import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Outcome } from "#app/_billing/outcome.tsx";
import { readAddress, type SearchParams } from "#app/_server/address.ts";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Columns } from "#app/_ui/columns.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Facts } from "#app/_ui/facts.tsx";
import { Id } from "#app/_ui/id.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Time } from "#app/_ui/time.tsx";
import { findOrganizationDetail, listPayments } from "#lib/billing/admin-views.ts";
import { heldPlan, outcomeOf } from "#lib/billing/changing/views.ts";
import { whyOf } from "#lib/billing/granting/views.ts";
import { listTierChanges, tracesOf } from "#lib/billing/history-views.ts";
import { findBilling, listInvoices } from "#lib/billing/views.ts";
import { openInvitations } from "#lib/identity/invitations/views.ts";
import { seatsOf } from "#lib/identity/seats/views.ts";
import { listEvents } from "#lib/inbox/views.ts";
import { noticesOf } from "#lib/notices/views.ts";
import { InvoiceTable } from "../../_parts/invoice-table.tsx";
import { PaymentTable } from "../../_parts/payment-table.tsx";
import { SubscriptionTable } from "../../_parts/subscription-table.tsx";
import { TierHistory } from "../../_parts/tier-history.tsx";
import { withDays } from "../../_parts/words.ts";
import { EventTable } from "../../webhooks/_log/event-table.tsx";
import { Given, Live } from "./live.tsx";
import { CustomerList, Members, Notices } from "./people.tsx";

export const metadata: Metadata = { title: "Organization" };

type Props = { params: Promise<{ id: string }>; searchParams: SearchParams };

/** One organization: what it has and why, what it paid, who belongs to it, what happened. */
export default async function OrganizationPage({ params, searchParams }: Props) {
  const actor = await requireAdministrator();
  const mode = await shownMode();
  const found = await findOrganizationDetail(actor, (await params).id);
  if (!found) notFound();
  const organizationId = found.id;
  const reader = { actor, organizationId };
  const { command: commandId } = await readAddress(searchParams);
  const [billing, invoices, payments, history, events, notices, invitations, seats] =
    await Promise.all([
      findBilling(reader, mode),
      listInvoices(reader, mode, { limit: 5 }),
      listPayments(actor, { mode, organizationId }, { limit: 5 }),
      listTierChanges(reader, { limit: 10 }),
      listEvents(actor, { organizationId, mode }, { limit: 10 }),
      noticesOf(actor, organizationId),
      openInvitations(actor, organizationId),
      seatsOf(actor, organizationId),
    ]);
  if (!billing) notFound();
  const live = billing.subscriptions.filter(({ status }) => status !== "canceled");
  const [traces, why, plans, outcome] = await Promise.all([
    tracesOf(
      actor,
      history.rows.map((change) => change.syncId),
    ),
    whyOf(actor, organizationId),
    Promise.all(
      live.map(({ id: subscriptionId }) => heldPlan(actor, { organizationId, subscriptionId })),
    ),
    commandId ? outcomeOf(actor, { organizationId, commandId }) : undefined,
  ]);
  const { tier, tierSince, tierValidUntil } = billing.organization;
  const base = `/admin/organizations/${organizationId}`;
  const at = (path: string) => `/admin/${path}?organization=${organizationId}`;
  return (
    <>
      <PageHeader
        title={found.name}
        breadcrumbs={[
          { label: "Organizations", href: "/admin/organizations" },
          { label: found.name },
        ]}
        status={<Badge icon={false}>{tier.name}</Badge>}
        actions={
          <>
            <ButtonLink href={at("audit")}>Audit log</ButtonLink>
            <ButtonLink href={`${base}/grant`}>Grant</ButtonLink>
          </>
        }
      />
      {outcome && <Outcome command={outcome} page={base} isPayer={false} />}
      <Columns
        aside={
          <>
            <Section title="Organization">
              <Facts
                items={[
                  { label: "Id", value: <Id value={found.id} /> },
                  { label: "Short name", value: <Id value={found.slug} /> },
                  found.reference
                    ? { label: "Reference", value: <Id value={found.reference} /> }
                    : null,
                  { label: "Bills go to", value: found.billingEmail ?? "its owners" },
                  { label: "Made", value: <Time at={found.createdAt} /> },
                ]}
              />
            </Section>
            <Section title="Customers" description="Who this organization is at the gateways.">
              <CustomerList customers={found.customers} />
            </Section>
            <Members organization={found} invitations={invitations} seats={seats} />
            <Notices notices={notices} />
          </>
        }
      >
        <Section title="Tier">
          <Facts
            items={[
              { label: "Now", value: <strong>{tier.name}</strong> },
              { label: "Why", value: why.because && withDays(why.because) },
              why.comp && {
                label: "Given",
                value: <Given comp={why.comp} />,
              },
              { label: "Since", value: <Time at={tierSince} /> },
              {
                label: "Holds until",
                value: tierValidUntil ? (
                  <Time at={tierValidUntil} />
                ) : (
                  "something at the gateway changes"
                ),
              },
            ]}
          />
        </Section>
        <Section
          title="Subscriptions"
          flush
          actions={
            <ButtonLink size="sm" href={at("subscriptions")}>
              All subscriptions
            </ButtonLink>
          }
        >
          <SubscriptionTable rows={billing.subscriptions} />
          <Live plans={plans} base={base} />
        </Section>
        <Section title="Invoices" flush>
          <InvoiceTable rows={invoices.rows} />
        </Section>
        <Section
          title="Payments"
          flush
          actions={
            <>
              {payments.rows.length > 0 && (
                <ButtonLink size="sm" href={`${base}/grant#refund`}>
                  Refund a payment
                </ButtonLink>
              )}
              <ButtonLink size="sm" href={at("payments")}>
                All payments
              </ButtonLink>
            </>
          }
        >
          <PaymentTable rows={payments.rows} />
        </Section>
        <Section title="Changes of tier">
          {history.rows.length > 0 ? (
            <TierHistory changes={history.rows} traces={traces} />
          ) : (
            <Empty title="Its tier has never changed" />
          )}
        </Section>
        <Section
          title="Events"
          flush
          actions={
            <ButtonLink size="sm" href={at("webhooks")}>
              All events
            </ButtonLink>
          }
        >
          <EventTable ofOne rows={events.rows} empty={<Empty title="No event is about it yet" />} />
        </Section>
      </Columns>
    </>
  );
}
