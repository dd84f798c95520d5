import type { ReactNode } from "react";
import { ButtonLink } from "#app/_ui/button.tsx";
import { SelectField, TextArea } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { FormActions } from "#app/_ui/form-actions.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { REASONS } from "#lib/billing/ending/rules.ts";
import { cancel, keep, pause, resume } from "./actions.ts";

/** Which subscription, in which state a person saw it. */
export type Seen = {
  readonly organizationId: string;
  readonly subscriptionId: string;
  readonly revision: string;
};

/** One button that takes a cancellation back. */
export function KeepForm({ seen, isFirst = true }: { seen: Seen; isFirst?: boolean }) {
  return (
    <Form action={keep}>
      <About seen={seen} />
      <FormActions>
        <SubmitButton variant={isFirst ? "primary" : "secondary"}>Keep my plan</SubmitButton>
      </FormActions>
    </Form>
  );
}

/** Why, and the button that ends it. */
export function CancelForm({
  seen,
  planName,
  isAtOnce,
  backHref,
}: {
  seen: Seen;
  planName: string;
  isAtOnce: boolean;
  backHref: string;
}) {
  return (
    <Form action={cancel}>
      <About seen={seen} />
      <SelectField
        name="reason"
        label="Why do you cancel?"
        options={[
          { value: "", label: "Choose a reason" },
          ...Object.entries(REASONS).map(([value, label]) => ({ value, label })),
        ]}
        defaultValue=""
        required
      />
      <TextArea
        name="comment"
        label="What could we have done better?"
        rows={3}
        maxLength={1000}
        optional
      />
      <FormActions>
        <SubmitButton variant="danger">
          {isAtOnce ? `End ${planName} now` : `Cancel ${planName}`}
        </SubmitButton>
        <ButtonLink href={backHref}>Keep my plan</ButtonLink>
      </FormActions>
    </Form>
  );
}

/** Stops charging for a while. */
export function PauseForm({ seen }: { seen: Seen }) {
  return (
    <Form action={pause}>
      <About seen={seen} />
      <FormActions>
        <SubmitButton variant="secondary">Pause subscription</SubmitButton>
      </FormActions>
    </Form>
  );
}

/** Goes on after a pause. */
export function ResumeForm({ seen, children }: { seen: Seen; children?: ReactNode }) {
  return (
    <Form action={resume}>
      <About seen={seen} />
      {children}
      <FormActions>
        <SubmitButton>Resume subscription</SubmitButton>
      </FormActions>
    </Form>
  );
}

function About({ seen }: { seen: Seen }) {
  return (
    <>
      <input type="hidden" name="organizationId" value={seen.organizationId} />
      <input type="hidden" name="subscriptionId" value={seen.subscriptionId} />
      <input type="hidden" name="revision" value={seen.revision} />
    </>
  );
}
