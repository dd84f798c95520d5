import type { ReactNode } from "react";
import { Why } from "#app/_billing/why.tsx";
import { Form, type FormAction } from "#app/_ui/form.tsx";
import { FormActions } from "#app/_ui/form-actions.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";

/** A subscription of an organization, in the state that an administrator saw. */
export type Seen = {
  readonly organizationId: string;
  readonly subscriptionId: string;
  readonly revision: string;
};

/** One thing to ask of a subscription in the organization's place: why, and the button. */
export function Ask({
  seen,
  action,
  label,
  variant,
  children,
}: {
  seen: Seen;
  action: FormAction;
  label: string;
  variant: "danger" | "primary" | "secondary";
  children?: ReactNode;
}) {
  return (
    <div className="max-w-xl">
      <Form action={action}>
        <input type="hidden" name="organizationId" value={seen.organizationId} />
        <input type="hidden" name="subscriptionId" value={seen.subscriptionId} />
        <input type="hidden" name="revision" value={seen.revision} />
        {children}
        <Why />
        <FormActions>
          <SubmitButton variant={variant}>{label}</SubmitButton>
        </FormActions>
      </Form>
    </div>
  );
}
