import type { Metadata } from "next";
import { Invitations } from "#app/_people/invitations.tsx";
import { ROLE_OPTIONS } from "#app/_people/roles.ts";
import { requireMember } from "#app/_server/session.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { Button, ButtonLink } from "#app/_ui/button.tsx";
import { Dialog } from "#app/_ui/dialog.tsx";
import { SelectField, TextField } from "#app/_ui/field.tsx";
import { FormDialog } from "#app/_ui/form-dialog.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import type { Member } from "#lib/actor.ts";
import { openInvitations } from "#lib/identity/invitations/views.ts";
import { fullInWords, inSeatsOf } from "#lib/identity/seats/rules.ts";
import { type Seats, seatsOf } from "#lib/identity/seats/views.ts";
import { listMembers } from "#lib/identity/views.ts";
import { invite, resend, revoke } from "./actions.ts";
import { Members } from "./members.tsx";

export const metadata: Metadata = { title: "Members" };

/** Who belongs to the organization. Owners change it; everybody else reads. */
export default async function MembersPage({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const actor = await requireMember(org);
  const isOwner = actor.role === "owner";
  const [seats, members, invitations] = await Promise.all([
    seatsOf(actor, actor.organizationId),
    listMembers(actor, actor.organizationId),
    isOwner ? openInvitations(actor, actor.organizationId) : [],
  ]);
  const full = fullInWords(seats.used, seats.all);
  const base = `/portal/${encodeURIComponent(org)}`;
  return (
    <>
      <PageHeader
        title="Members"
        description={`${inSeatsOf(seats)}${isOwner ? "" : " Owners invite people and change roles."}`}
        actions={
          isOwner &&
          (full ? (
            <Dialog trigger={INVITE} title="Invite a member" description={`${full} ${FULL_WAYS}`}>
              <MoreSeats seats={seats} base={base} />
            </Dialog>
          ) : (
            <Invite actor={actor} />
          ))
        }
      />
      {full && actor.role !== "member" && <Full full={full} seats={seats} base={base} />}
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

const INVITE = <Button variant="primary">Invite member</Button>;

function Invite({ actor }: { actor: Member }) {
  return (
    <FormDialog
      trigger={INVITE}
      title="Invite a member"
      description="They get a link by mail. It works once, for 7 days."
      action={invite}
    >
      <input type="hidden" name="organizationId" value={actor.organizationId} />
      <TextField name="email" label="E-mail address" type="email" required />
      <SelectField name="role" label="Role" options={ROLE_OPTIONS} defaultValue="member" />
      <SubmitButton>Send invitation</SubmitButton>
    </FormDialog>
  );
}

const FULL_WAYS =
  "To invite somebody else, take more seats, remove a member or revoke an invitation.";

/** Said before anybody is invited in vain, to those who may do something about it. */
function Full({ full, seats, base }: { full: string; seats: Seats; base: string }) {
  const isOver = seats.all !== null && seats.used > seats.all;
  return (
    <Banner
      tone={isOver ? "warning" : "info"}
      title={isOver ? "More people than seats" : full}
      action={<MoreSeats seats={seats} base={base} />}
    >
      {isOver && "Everybody keeps their access. "}
      {FULL_WAYS}
    </Banner>
  );
}

/** The way to more seats: one by one where they are sold so, else with another plan. */
function MoreSeats({ seats: { used, all, isBySeat }, base }: { seats: Seats; base: string }) {
  return isBySeat ? (
    <ButtonLink href={`${base}/change?seats=${Math.max(used, all ?? 0) + 1}#seats`}>
      Take more seats
    </ButtonLink>
  ) : (
    <ButtonLink href={`${base}/change`}>See plans with more seats</ButtonLink>
  );
}
