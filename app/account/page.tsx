import type { Metadata } from "next";
import { NewPasswordField } from "#app/_people/new-password-field.tsx";
import { requireIdentity, requireUser } from "#app/_server/session.ts";
import { Button } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { TextField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { sessionsOf } from "#lib/identity/people/views.ts";
import { endAll, saveEmail, saveName, savePassword } from "./actions.ts";
import { Sessions } from "./sessions.tsx";

export const metadata: Metadata = { title: "Account" };

const NARROW = "grid max-w-md gap-5";

/** What a person may change about themselves. */
export default async function AccountPage() {
  const actor = await requireUser();
  const { user, sessionId } = await requireIdentity();
  const sessions = await sessionsOf(actor);
  return (
    <>
      <PageHeader title="Account" description={user.email} />
      <Section title="Name">
        <Form action={saveName} className={NARROW}>
          <TextField
            name="name"
            label="Your name"
            autoComplete="name"
            defaultValue={user.name}
            required
            maxLength={120}
          />
          <SubmitButton variant="secondary" className="justify-self-start">
            Save name
          </SubmitButton>
        </Form>
      </Section>
      <Section title="E-mail address" description="You sign in with it, and notices go to it.">
        <Form action={saveEmail} className={NARROW}>
          <TextField
            name="email"
            label="E-mail address"
            type="email"
            autoComplete="email"
            defaultValue={user.email}
            required
            maxLength={254}
          />
          <TextField
            name="password"
            label="Your password"
            type="password"
            autoComplete="current-password"
            required
            maxLength={200}
          />
          <SubmitButton variant="secondary" className="justify-self-start">
            Change e-mail address
          </SubmitButton>
        </Form>
      </Section>
      <Section
        title="Password"
        description="Changing it signs every other browser out and ends mailed reset links."
      >
        <Form action={savePassword} className={NARROW} resetOnDone>
          <TextField
            name="current"
            label="Current password"
            type="password"
            autoComplete="current-password"
            required
            maxLength={200}
          />
          <NewPasswordField label="New password" />
          <SubmitButton variant="secondary" className="justify-self-start">
            Change password
          </SubmitButton>
        </Form>
      </Section>
      <Section
        title="Signed-in browsers"
        description="A browser is signed out after 7 days without use, and after 30 days in any case."
        flush
        actions={
          <Confirm
            trigger={<Button size="sm">Sign out everywhere</Button>}
            title="Sign out everywhere?"
            confirmLabel="Sign out everywhere"
            action={endAll}
          >
            Every browser is signed out, this one too. You can sign in again at once.
          </Confirm>
        }
      >
        <Sessions rows={sessions} currentId={sessionId} />
      </Section>
    </>
  );
}
