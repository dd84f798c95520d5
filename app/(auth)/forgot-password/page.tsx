import type { Metadata } from "next";
import { TextField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { askForReset } from "../actions.ts";
import { OperatorFrame } from "../operator-frame.tsx";

export const metadata: Metadata = { title: "Forgot your password?" };

type Props = { searchParams: Promise<{ sent?: string | string[] }> };

/** Says the same whether the address has an account or not. */
export default async function ForgotPasswordPage({ searchParams }: Props) {
  const back = <TextLink href="/sign-in">Back to sign in</TextLink>;
  if ((await searchParams).sent) {
    return (
      <OperatorFrame
        title="Look into your mail"
        description="If the address has an account, a link to choose a new password is on its way. It works once, for an hour."
        footer={back}
      >
        <p className="text-sm text-muted">
          Nothing there? Look into the spam folder, check the address, and{" "}
          <TextLink href="/forgot-password">ask again</TextLink>.
        </p>
      </OperatorFrame>
    );
  }
  return (
    <OperatorFrame
      title="Forgot your password?"
      description="We mail you a link to choose a new one."
      footer={back}
    >
      <Form action={askForReset}>
        <TextField
          name="email"
          label="E-mail address"
          type="email"
          autoComplete="username"
          required
          maxLength={254}
        />
        <SubmitButton>Send link</SubmitButton>
      </Form>
    </OperatorFrame>
  );
}
