import type { Metadata } from "next";
import { Invitations } from "#app/_people/invitations.tsx";
import { requireAdministrator } from "#app/_server/session.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { TextField } from "#app/_ui/field.tsx";
import { FormDialog } from "#app/_ui/form-dialog.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import { openInvitations } from "#lib/identity/invitations/views.ts";
import { listAdministrators } from "#lib/identity/people/views.ts";
import { invite, remove, resend, revoke } from "./actions.ts";

export const metadata: Metadata = { title: "Administrators" };

/** Who runs this Billhook. */
export default async function AdministratorsPage() {
  const actor = await requireAdministrator();
  const [administrators, invitations] = await Promise.all([
    listAdministrators(actor),
    openInvitations(actor, null),
  ]);
  return (
    <>
      <PageHeader
        title="Administrators"
        breadcrumbs={[{ label: "Settings", href: "/admin/settings" }, { label: "Administrators" }]}
        description="They see and change everything, of every organization."
        actions={
          <FormDialog
            trigger={<Button variant="primary">Invite administrator</Button>}
            title="Invite an administrator"
            description="They get a link by mail. It works once, for 7 days, and gives access to everything."
            action={invite}
          >
            <TextField name="email" label="E-mail address" type="email" required />
            <SubmitButton>Send invitation</SubmitButton>
          </FormDialog>
        }
      />
      <Section title="People" flush>
        <Table
          caption="Platform administrators"
          rows={administrators}
          rowKey={(row) => row.id}
          columns={[
            {
              key: "name",
              header: "Name",
              cell: (row) => (
                <span className="inline-flex flex-wrap items-center gap-2">
                  {row.name}
                  {row.id === actor.userId && <Badge>You</Badge>}
                </span>
              ),
            },
            {
              key: "email",
              header: "E-mail address",
              cell: (row) => <span className="break-all">{row.email}</span>,
            },
            { key: "since", header: "Since", cell: (row) => <Time at={row.since} dateOnly /> },
            {
              key: "remove",
              header: "Actions",
              narrow: true,
              cell: (row) => (
                <Confirm
                  trigger={
                    <Button size="sm" variant="quiet" aria-label={`Remove ${row.name}`}>
                      Remove
                    </Button>
                  }
                  title={`Remove ${row.name} as administrator?`}
                  confirmLabel="Remove administrator"
                  action={remove}
                >
                  <input type="hidden" name="userId" value={row.id} />
                  {row.email} loses access to the administration at once and is signed out. The
                  account itself stays. The last administrator cannot be removed.
                </Confirm>
              ),
            },
          ]}
        />
      </Section>
      {invitations.length > 0 && (
        <Section title="Invitations" description="Sent, and not accepted yet." flush>
          <Invitations rows={invitations} resend={resend} revoke={revoke} />
        </Section>
      )}
    </>
  );
}
