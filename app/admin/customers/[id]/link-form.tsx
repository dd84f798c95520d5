import Form from "next/form";
import { Button, ButtonLink } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Table } from "#app/_ui/table.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import type { Administrator } from "#lib/actor.ts";
import { listOrganizations } from "#lib/billing/admin-views.ts";
import { link } from "../actions.ts";

const SHOWN = 8;

type Customer = { id: string; ref: string; email: string | null };
type Organization = Awaited<ReturnType<typeof listOrganizations>>["rows"][number];

/** Finds the organization that a customer belongs to, and links the two. */
export async function LinkForm({
  actor,
  customer,
  search,
}: {
  actor: Administrator;
  customer: Customer;
  search: string | undefined;
}) {
  const rows = await candidates(actor, customer, search);
  return (
    <Section
      title="Whose customer is this?"
      description="Choose the organization. Everything that waits for this customer then belongs to it."
      flush
    >
      <Form
        action={`/admin/customers/${customer.id}`}
        role="search"
        aria-label="Organizations"
        className="flex flex-wrap items-end gap-3 p-4"
      >
        <label className="grid min-w-52 flex-1 gap-1 text-xs text-muted">
          Find an organization
          <input
            type="search"
            name="q"
            defaultValue={search}
            placeholder="Name, e-mail, reference or id"
            data-search="list"
            className="control text-sm"
          />
        </label>
        <Button type="submit">Find</Button>
      </Form>
      <Table
        caption="Organizations to choose from"
        rows={rows}
        rowKey={(row) => row.id}
        columns={[
          {
            key: "name",
            header: "Organization",
            cell: (row) => (
              <span className="grid min-w-0">
                <span className="wrap-anywhere">
                  <TextLink href={`/admin/organizations/${row.id}`}>{row.name}</TextLink>
                </span>
                <span className="truncate text-xs font-normal text-muted">
                  {row.billingEmail ?? row.reference ?? row.slug}
                </span>
              </span>
            ),
          },
          { key: "tier", header: "Tier", cell: (row) => row.tier, narrow: true },
          {
            key: "link",
            header: "Choose",
            narrow: true,
            cell: (row) => <Choose customer={customer} organization={row} />,
          },
        ]}
        empty={
          <Empty
            title="No organization matches"
            action={<ButtonLink href="/admin/organizations/new">New organization</ButtonLink>}
          >
            Try a part of its name, or make it first.
          </Empty>
        }
      />
    </Section>
  );
}

function Choose({ customer, organization }: { customer: Customer; organization: Organization }) {
  return (
    <Confirm
      tone="primary"
      trigger={
        <Button size="sm" aria-label={`Link to ${organization.name}`}>
          Link
        </Button>
      }
      title={`Link ${customer.ref} to ${organization.name}?`}
      confirmLabel="Link customer"
      action={link}
    >
      <p>
        Its subscriptions, invoices and payments become {organization.name}’s, and its tier follows
        at once. You can unlink it again.
      </p>
      <input type="hidden" name="customerId" value={customer.id} />
      <input type="hidden" name="organizationId" value={organization.id} />
    </Confirm>
  );
}

/** What was searched for; else who has the customer's e-mail address; else simply the first. */
async function candidates(
  actor: Administrator,
  customer: Customer,
  search: string | undefined,
): Promise<Organization[]> {
  const few = { limit: SHOWN };
  if (search) return (await listOrganizations(actor, { search }, few)).rows;
  if (customer.email) {
    const [billed, member] = await Promise.all([
      listOrganizations(actor, { search: customer.email }, few),
      listOrganizations(actor, { member: customer.email }, few),
    ]);
    const alike = new Map([...billed.rows, ...member.rows].map((row) => [row.id, row]));
    if (alike.size > 0) return [...alike.values()];
  }
  return (await listOrganizations(actor, {}, few)).rows;
}
