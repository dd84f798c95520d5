import { Badge, ModeBadge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { SelectField, TextField } from "#app/_ui/field.tsx";
import { FormDialog } from "#app/_ui/form-dialog.tsx";
import { Id } from "#app/_ui/id.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { findOrganizationDetail } from "#lib/billing/admin-views.ts";
import type { openInvitations } from "#lib/identity/invitations/views.ts";
import { fullInWords, inSeatsOf } from "#lib/identity/seats/rules.ts";
import type { Seats } from "#lib/identity/seats/views.ts";
import type { NoticeRow } from "#lib/notices/views.ts";
import { sentenceCase } from "../../_parts/words.ts";
import { invite } from "../actions.ts";

type Organization = NonNullable<Awaited<ReturnType<typeof findOrganizationDetail>>>;
type Invitations = Awaited<ReturnType<typeof openInvitations>>;

const ROLES = [
  { value: "owner", label: "Owner: sees and changes everything of the organization" },
  { value: "billing", label: "Billing: sees plan and invoices" },
  { value: "member", label: "Member: sees the plan" },
];

const NOTICES_SHOWN = 8;

/** The gateways' customers that an organization is. */
export function CustomerList({ customers }: { customers: Organization["customers"] }) {
  if (customers.length === 0) {
    return (
      <p className="text-sm text-muted">
        None yet. A checkout that names the organization links one by itself.
      </p>
    );
  }
  return (
    <ul className="grid grid-cols-[minmax(0,1fr)] gap-3 text-sm">
      {customers.map((customer) => (
        <li key={customer.id} className="flex items-start justify-between gap-3">
          <span className="grid min-w-0">
            <Id value={customer.ref} href={`/admin/customers/${customer.id}`} />
            {customer.email && <span className="truncate text-muted">{customer.email}</span>}
          </span>
          <ModeBadge mode={customer.mode} />
        </li>
      ))}
    </ul>
  );
}

/** Who belongs to it, who is asked to, and the way to ask somebody. */
export function Members({
  organization,
  invitations,
  seats,
}: {
  organization: Organization;
  invitations: Invitations;
  seats: Seats;
}) {
  const full = fullInWords(seats.used, seats.all);
  return (
    <Section
      title="Members"
      description={inSeatsOf(seats)}
      actions={
        <FormDialog
          trigger={<Button size="sm">Invite</Button>}
          title="Invite a member"
          description={full && `${full} You may invite somebody all the same; owners may not.`}
          action={invite}
        >
          <input type="hidden" name="organizationId" value={organization.id} />
          <TextField name="email" label="E-mail address" type="email" required maxLength={254} />
          <SelectField name="role" label="Role" options={ROLES} defaultValue="owner" />
          <SubmitButton variant="primary">Send invitation</SubmitButton>
        </FormDialog>
      }
    >
      {organization.members.length + invitations.length === 0 ? (
        <p className="text-sm text-muted">Nobody yet. Invite an owner.</p>
      ) : (
        <ul className="grid grid-cols-[minmax(0,1fr)] gap-3 text-sm">
          {organization.members.map((member) => (
            <li key={member.id} className="flex items-start justify-between gap-3">
              <span className="grid min-w-0">
                <span className="truncate font-medium">{member.name}</span>
                <span className="truncate text-muted">{member.email}</span>
              </span>
              <Badge icon={false}>{sentenceCase(member.role)}</Badge>
            </li>
          ))}
          {invitations.map((invitation) => (
            <li key={invitation.id} className="flex items-start justify-between gap-3">
              <span className="min-w-0 truncate text-muted" title={invitation.email}>
                {invitation.email}
              </span>
              <Badge tone="blue">Invited</Badge>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

const NOTICES: Readonly<Record<NoticeRow["status"], string>> = {
  waiting: "Waiting to be sent",
  sent: "Sent",
  dropped: "Not sent",
  uncertain: "May have been sent",
};

/** The mails it got about its billing, and those that it did not get, and why. */
export function Notices({ notices }: { notices: readonly NoticeRow[] }) {
  if (notices.length === 0) return null;
  return (
    <Section title="Notices">
      <ul className="grid grid-cols-[minmax(0,1fr)] gap-3 text-sm">
        {notices.slice(0, NOTICES_SHOWN).map((notice) => (
          <li key={notice.id} className="grid gap-0.5">
            <span className="font-medium">{sentenceCase(notice.kind)}</span>
            <span className="text-muted">
              {notice.droppedBecause ?? NOTICES[notice.status]} ·{" "}
              <Time at={notice.sentAt ?? notice.createdAt} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
