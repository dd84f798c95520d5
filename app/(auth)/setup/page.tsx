import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { NewPasswordField } from "#app/_people/new-password-field.tsx";
import { AuthFrame } from "#app/_ui/auth-frame.tsx";
import { TextField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { hasAdministrator } from "#lib/identity/people/views.ts";
import { setUp } from "../actions.ts";

export const metadata: Metadata = { title: { absolute: "Set up Billhook" } };

/** The first run: there is no such page once there is an administrator. */
export default async function SetupPage() {
  if (await hasAdministrator()) notFound();
  return (
    <AuthFrame
      title="Set up Billhook"
      description="Make the first administrator. This page closes for good when you are done; others are invited from inside."
    >
      <Form action={setUp}>
        <TextField name="name" label="Your name" autoComplete="name" required maxLength={120} />
        <TextField
          name="email"
          label="E-mail address"
          type="email"
          autoComplete="username"
          required
          maxLength={254}
        />
        <NewPasswordField />
        <SubmitButton>Create administrator</SubmitButton>
      </Form>
    </AuthFrame>
  );
}
