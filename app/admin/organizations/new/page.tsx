import type { Metadata } from "next";
import { requireAdministrator } from "#app/_server/session.ts";
import { ButtonLink } from "#app/_ui/button.tsx";
import { TextField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { FormActions } from "#app/_ui/form-actions.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { create } from "../actions.ts";

export const metadata: Metadata = { title: "New organization" };

/** Makes an organization by hand; usually the product does it over the API. */
export default async function NewOrganizationPage() {
  await requireAdministrator();
  return (
    <>
      <PageHeader
        title="New organization"
        breadcrumbs={[
          { label: "Organizations", href: "/admin/organizations" },
          { label: "New organization" },
        ]}
      />
      <Section
        title="Who it is"
        description="It starts on the free tier. A payment, or a customer that you link, moves it."
      >
        <Form action={create}>
          <TextField name="name" label="Name" required maxLength={120} autoComplete="off" />
          <TextField
            name="reference"
            label="Your own id for it"
            hint="The id of the account in your product. Checkouts may name it."
            optional
            maxLength={200}
            autoComplete="off"
            mono
          />
          <TextField
            name="billingEmail"
            label="E-mail address for bills"
            type="email"
            optional
            maxLength={254}
            autoComplete="off"
          />
          <TextField
            name="ownerEmail"
            label="Invite an owner"
            hint="They get a mail with a link. They see the plan and the invoices, and invite others."
            type="email"
            optional
            maxLength={254}
            autoComplete="off"
          />
          <FormActions>
            <SubmitButton variant="primary">Make organization</SubmitButton>
            <ButtonLink variant="quiet" href="/admin/organizations">
              Cancel
            </ButtonLink>
          </FormActions>
        </Form>
      </Section>
    </>
  );
}
