import type { Metadata } from "next";
import { NewPasswordField } from "#app/_people/new-password-field.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Form } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { isResetOpen } from "#lib/identity/resets/commands.ts";
import { chooseNewPassword } from "../../actions.ts";
import { OperatorFrame } from "../../operator-frame.tsx";

export const metadata: Metadata = { title: "Choose a new password" };

/** What a mailed link opens. Looking at it does not use it up. */
export default async function ResetPasswordPage({
  params,
}: {
  params: Promise<{ token: string }>;
}) {
  const { token } = await params;
  if (!(await isResetOpen(token))) {
    return (
      <OperatorFrame
        title="This link no longer works"
        description="It was used, it is older than an hour, or a newer password was chosen since."
      >
        <ButtonLink variant="primary" href="/forgot-password">
          Ask for a new link
        </ButtonLink>
      </OperatorFrame>
    );
  }
  return (
    <OperatorFrame
      title="Choose a new password"
      description="Every browser that is signed in to your account will be signed out."
    >
      <Form action={chooseNewPassword}>
        <input type="hidden" name="token" value={token} />
        <NewPasswordField label="New password" />
        <SubmitButton>Change password</SubmitButton>
      </Form>
    </OperatorFrame>
  );
}
