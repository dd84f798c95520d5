import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { currentPerson } from "#app/_server/session.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { TextField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { hasAdministrator } from "#lib/identity/people/views.ts";
import { localPath } from "#lib/identity/rules.ts";
import { signInHere } from "../actions.ts";
import { OperatorFrame } from "../operator-frame.tsx";

export const metadata: Metadata = { title: "Sign in" };

const AFTER: Readonly<Record<string, string>> = {
  reset: "Your password is changed, and every browser is signed out. Sign in with the new one.",
  everywhere: "Every browser is signed out.",
};

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function SignInPage({ searchParams }: Props) {
  const { from: asked, after, error } = await searchParams;
  const from = localPath(typeof asked === "string" ? asked : undefined);
  const identity = await currentPerson();
  if (identity) redirect(from ?? (identity.isAdministrator ? "/admin" : "/portal"));
  if (!(await hasAdministrator())) redirect("/setup");
  const news = typeof after === "string" ? AFTER[after] : undefined;
  return (
    <OperatorFrame title="Sign in" footer="New here? Somebody who is a member can invite you.">
      {news && <Banner tone="success">{news}</Banner>}
      {error && !news && (
        <Banner tone="danger">The e-mail address or the password is not right.</Banner>
      )}
      <Form action={signInHere}>
        {from && <input type="hidden" name="from" value={from} />}
        <TextField
          name="email"
          label="E-mail address"
          type="email"
          autoComplete="username"
          required
          maxLength={254}
        />
        <TextField
          name="password"
          label="Password"
          type="password"
          autoComplete="current-password"
          required
          maxLength={200}
        />
        <SubmitButton>Sign in</SubmitButton>
        <p className="text-sm">
          <TextLink href="/forgot-password">Forgot your password?</TextLink>
        </p>
      </Form>
    </OperatorFrame>
  );
}
