import type { Metadata } from "next";
import { Invitations } from "#app/_people/invitations.tsx";
import { ROLE_OPTIONS } from "#app/_people/roles.ts";
import { requireMember } from "#app/_server/session.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Dialog } from "#app/_ui/dialog.tsx";
import { SelectField, TextField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { type Seats, seatsOf } from "#lib/billing/changing/seats-views.ts";
import { openInvitations } from "#lib/identity/invitations/views.ts";
import { listMembers } from "#lib/identity/views.ts";
import { invite, resend, revoke } from "./actions.ts";
import { Members } from "./members.tsx";

export const metadata: Metadata = { title: "Members" };

/** Who belongs to the organization. Owners change it; everybody else reads. */
export default async function MembersPage({ params }: { params: Promise<{ org: string }> }) {
  const actor = await requireMember((await params).org);
  const isOwner = actor.role === "owner";
  const [seats, members, invitations] = await Promise.all([
    seatsOf(actor),
    listMembers(actor, actor.organizationId),
    isOwner ? openInvitations(actor, actor.organizationId) : [],
  ]);
  return (
    <>
      <PageHeader
        title="Members"
        description={`${inWords(seats)}${isOwner ? "" : " Owners invite people and change roles."}`}
        actions={
          isOwner && (
            <Dialog
              trigger={<Button variant="primary">Invite member</Button>}
              title="Invite a member"
              description="They get a link by mail. It works once, for 7 days."
            >
              <Form action={invite} resetOnDone>
                <input type="hidden" name="organizationId" value={actor.organizationId} />
                <TextField name="email" label="E-mail address" type="email" required />
                <SelectField
                  name="role"
                  label="Role"
                  options={ROLE_OPTIONS}
                  defaultValue="member"
                />
                <SubmitButton>Send invitation</SubmitButton>
              </Form>
            </Dialog>
          )
        }
      />
      {seats.all !== null && seats.used > seats.all && (
        <Banner tone="warning" title="More people than seats">
          Remove members, revoke invitations, or take more seats under Billing.
        </Banner>
      )}
      <Section title="People" flush>
        <Members rows={members} actor={actor} />
      </Section>
      {isOwner && (
        <Section title="Invitations" description="Sent, and not accepted yet." flush>
          <Invitations
            rows={invitations}
            organizationId={actor.organizationId}
            resend={resend}
            revoke={revoke}
          />
        </Section>
      )}
    </>
  );
}

const PLURAL = new Intl.PluralRules("en");

/** An open invitation counts: who accepts it takes the seat. */
function inWords({ used, all }: Seats): string {
  const number = (count: number) => count.toLocaleString("en");
  const word = PLURAL.select(all ?? used) === "one" ? "seat" : "seats";
  const counted = all === null ? number(used) : `${number(used)} of ${number(all)}`;
  return `${counted} ${word} in use, open invitations included.`;
}
