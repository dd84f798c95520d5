import type { ReactNode } from "react";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Form, type FormAction } from "#app/_ui/form.tsx";
import { FormActions } from "#app/_ui/form-actions.tsx";
import { Seen } from "#app/_ui/seen.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";

/** Makes a plan, a product or a tier, or changes one that is known. */
export function SavedForm({
  action,
  noun,
  known,
  back,
  children,
}: {
  action: FormAction;
  noun: "plan" | "product" | "tier";
  known: { readonly id: string; readonly seen: string } | undefined;
  back: { readonly label: string; readonly href: string };
  children: ReactNode;
}) {
  return (
    <Form action={action} className="grid gap-8">
      {known && <input type="hidden" name={`${noun}Id`} value={known.id} />}
      {children}
      {known && <Seen value={known.seen} />}
      <FormActions>
        <SubmitButton>{`${known ? "Save" : "Create"} ${noun}`}</SubmitButton>
        <ButtonLink href={back.href} variant="quiet">
          {back.label}
        </ButtonLink>
      </FormActions>
    </Form>
  );
}
