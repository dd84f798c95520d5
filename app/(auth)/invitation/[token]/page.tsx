import type { Metadata } from "next";
import { NewPasswordField } from "#app/_people/new-password-field.tsx";
import { currentPerson } from "#app/_server/session.ts";
import { SignOutButton } from "#app/_server/sign-out-button.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { TextField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { invitationByToken } from "#lib/identity/invitations/views.ts";
import { accept } from "../../actions.ts";
import { OperatorFrame } from "../../operator-frame.tsx";

export const metadata: Metadata = { title: "Invitation" };

const ROLES = {
  owner: "as an owner: you manage its plan and its members.",
  billing: "for billing: you see its plan, invoices and payments.",
  member: "as a member.",
  administrator: "You will see and manage every organization.",
} as const;

/** What a mailed invitation opens: for who is signed in, for who could be, and for newcomers. */
export default async function InvitationPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const [invitation, identity] = await Promise.all([invitationByToken(token), currentPerson()]);
  if (!invitation) {
    return (
      <OperatorFrame
        title="This invitation no longer works"
        description="It was used, revoked, or is older than a week. Ask whoever invited you for a new one."
      >
        <ButtonLink href="/sign-in">Go to sign in</ButtonLink>
      </OperatorFrame>
    );
  }
  const where = invitation.organization?.name;
  const from = invitation.invitedBy ? `${invitation.invitedBy} invites you` : "You are invited";
  const title = where ? `Join ${where}` : "Become an administrator";
  const description = where
    ? `${from} to ${where} ${ROLES[invitation.role]}`
    : `${from}. ${ROLES[invitation.role]}`;
  if (!identity && invitation.hasAccount) {
    return (
      <OperatorFrame title={title} description={description}>
        <p className="text-sm">
          {invitation.email} has an account already. Sign in with it; you then come back here.
        </p>
        <ButtonLink variant="primary" href={`/sign-in?from=/invitation/${token}`}>
          Sign in to accept
        </ButtonLink>
      </OperatorFrame>
    );
  }
  return (
    <OperatorFrame
      title={title}
      description={description}
      footer={
        !identity && (
          <>
            Have an account under another address?{" "}
            <TextLink href={`/sign-in?from=/invitation/${token}`}>Sign in with it</TextLink>
          </>
        )
      }
    >
      <Form action={accept}>
        <input type="hidden" name="token" value={token} />
        {identity ? (
          <p className="text-sm">
            You are signed in as <strong>{identity.user.email}</strong>
            {identity.user.email !== invitation.email &&
              `; the invitation was sent to ${invitation.email}`}
            .
          </p>
        ) : (
          <>
            <p className="text-sm">
              Your account will be <strong>{invitation.email}</strong>.
            </p>
            <TextField name="name" label="Your name" autoComplete="name" required maxLength={120} />
            <NewPasswordField />
          </>
        )}
        <SubmitButton>{identity ? "Accept invitation" : "Create account and accept"}</SubmitButton>
      </Form>
      {identity && identity.user.email !== invitation.email && <SignOutButton />}
    </OperatorFrame>
  );
}
