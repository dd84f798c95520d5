import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { readAddress, type SearchParams } from "#app/_server/address.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { Badge, ModeBadge, StatusBadge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Columns } from "#app/_ui/columns.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { Facts } from "#app/_ui/facts.tsx";
import { TextField } from "#app/_ui/field.tsx";
import { Id } from "#app/_ui/id.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { Time } from "#app/_ui/time.tsx";
import { findCustomer } from "#lib/billing/customer-views.ts";
import { sentenceCase } from "../../_parts/words.ts";
import { unlink } from "../actions.ts";
import { Conflicts } from "../conflicts.tsx";
import { LinkForm } from "./link-form.tsx";

export const metadata: Metadata = { title: "Customer" };

type Props = { params: Promise<{ id: string }>; searchParams: SearchParams };
type Customer = NonNullable<Awaited<ReturnType<typeof findCustomer>>>;

const LINK_SOURCES: Readonly<Record<string, string>> = {
  checkout: "a checkout that named the organization",
  subscription_metadata: "the subscription’s metadata",
  customer_metadata: "the customer’s metadata",
  administrator: "an administrator",
  portal: "the portal, where somebody subscribed",
  import_email: "an import, by its e-mail address",
  import_made: "an import, which made the organization for it",
};

/** One customer of a gateway: whose it is, what waits for that, and how to say it. */
export default async function CustomerPage({ params, searchParams }: Props) {
  const actor = await requireAdministrator();
  const customer = await findCustomer(actor, (await params).id);
  if (!customer) notFound();
  const { q } = await readAddress(searchParams);
  const { organization } = customer;
  return (
    <>
      <PageHeader
        title={customer.name ?? customer.email ?? customer.ref}
        breadcrumbs={[{ label: "Customers", href: "/admin/customers" }, { label: customer.ref }]}
        status={
          organization ? <Badge tone="green">Linked</Badge> : <Badge tone="amber">Unmatched</Badge>
        }
        actions={organization && <Unlink customer={customer} />}
      />
      {customer.conflicts.length > 0 && <Conflicts conflicts={customer.conflicts} />}
      <Columns
        aside={
          <Section title="Customer">
            <CustomerFacts customer={customer} />
          </Section>
        }
      >
        {organization ? (
          <Section title="Organization">
            <p className="text-sm">
              Belongs to{" "}
              <TextLink href={`/admin/organizations/${organization.id}`}>
                {organization.name}
              </TextLink>
              , linked by {LINK_SOURCES[customer.linkSource ?? ""] ?? customer.linkSource}{" "}
              <Time at={customer.linkedAt} />.
            </p>
          </Section>
        ) : (
          <LinkForm actor={actor} customer={customer} search={q} />
        )}
        <Waiting customer={customer} />
        <Subscriptions customer={customer} />
      </Columns>
    </>
  );
}

function CustomerFacts({ customer }: { customer: Customer }) {
  return (
    <Facts
      items={[
        { label: "Gateway", value: sentenceCase(customer.gateway) },
        { label: "Mode", value: <ModeBadge mode={customer.mode} /> },
        { label: "Gateway’s id", value: <Id value={customer.ref} /> },
        customer.email ? { label: "E-mail", value: customer.email } : null,
        customer.name ? { label: "Name", value: customer.name } : null,
        { label: "First seen", value: <Time at={customer.firstSeenAt} /> },
        customer.deletedAt && { label: "Deleted", value: <Time at={customer.deletedAt} /> },
        {
          label: "Events",
          value: (
            <TextLink href={`/admin/webhooks?q=${encodeURIComponent(customer.ref)}`}>
              All about it
            </TextLink>
          ),
        },
      ]}
    />
  );
}

function Waiting({ customer }: { customer: Customer }) {
  if (customer.waiting.length === 0) return null;
  return (
    <Section
      title="What waits"
      description="It is processed by itself as soon as the customer is linked."
    >
      <ul className="grid gap-2 text-sm">
        {customer.waiting.map((object) => (
          <li key={object.id} className="flex flex-wrap items-center justify-between gap-2">
            {sentenceCase(object.type)}
            <Id value={object.ref} href={`/admin/objects/${object.id}`} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Subscriptions({ customer }: { customer: Customer }) {
  if (customer.subscriptions.length === 0) return null;
  return (
    <Section title="Subscriptions">
      <ul className="grid gap-2 text-sm">
        {customer.subscriptions.map((subscription) => (
          <li key={subscription.id} className="flex flex-wrap items-center justify-between gap-2">
            <span className="flex flex-wrap items-center gap-2">
              {subscription.plan ?? "In no plan"} <StatusBadge status={subscription.status} />
            </span>
            <Id
              value={subscription.ref}
              href={`/admin/search?q=${encodeURIComponent(subscription.ref)}`}
            />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Unlink({ customer }: { customer: Customer }) {
  const name = customer.organization?.name ?? "The organization";
  return (
    <Confirm
      trigger={<Button>Unlink</Button>}
      title={`Unlink from ${name}?`}
      confirmLabel="Unlink customer"
      action={unlink}
    >
      <p>
        {name} loses this customer’s subscriptions, invoices and payments, and the tier that they
        gave. The customer waits until it is linked again.
      </p>
      <input type="hidden" name="customerId" value={customer.id} />
      <TextField
        name="reason"
        label="Reason"
        hint="Kept in the audit log."
        required
        maxLength={500}
      />
    </Confirm>
  );
}
