import { SelectField, TextField } from "#app/_ui/field.tsx";
import { FieldSet } from "#app/_ui/fieldset.tsx";
import { Form } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import type { Member } from "#lib/actor.ts";
import { TAX_ID_KINDS, taxIdKindInWords } from "#lib/billing/paying/rules.ts";
import type { findDetails } from "#lib/billing/paying/views.ts";
import { save } from "./actions.ts";
import { COUNTRIES } from "./countries.ts";

type Found = NonNullable<Awaited<ReturnType<typeof findDetails>>>;

export function DetailsForm({
  actor,
  revision,
  details,
}: Pick<Found, "revision" | "details"> & { actor: Member }) {
  const { name, email, address, taxIds } = details;
  const [taxId, ...others] = taxIds;
  return (
    // What the gateway then tells begins the form anew; a refusal leaves it as it was typed.
    <Form key={JSON.stringify(details)} action={save} className="grid max-w-xl gap-6">
      <input type="hidden" name="organizationId" value={actor.organizationId} />
      <input type="hidden" name="revision" value={revision} />
      <TextField
        name="name"
        label="Name on invoices"
        defaultValue={name ?? ""}
        maxLength={150}
        autoComplete="organization"
        optional
      />
      <TextField
        name="email"
        label="E-mail address for invoices"
        type="email"
        defaultValue={email ?? ""}
        autoComplete="email"
        optional
      />
      <FieldSet legend="Address">
        <TextField
          name="line1"
          label="Street and number"
          defaultValue={address?.line1 ?? ""}
          autoComplete="address-line1"
          optional
        />
        <TextField
          name="line2"
          label="Second line"
          defaultValue={address?.line2 ?? ""}
          autoComplete="address-line2"
          optional
        />
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField
            name="postalCode"
            label="Postal code"
            defaultValue={address?.postalCode ?? ""}
            autoComplete="postal-code"
            optional
          />
          <TextField
            name="city"
            label="City"
            defaultValue={address?.city ?? ""}
            autoComplete="address-level2"
            optional
          />
        </div>
        <TextField
          name="state"
          label="State or province"
          defaultValue={address?.state ?? ""}
          autoComplete="address-level1"
          optional
        />
        <SelectField
          name="country"
          label="Country"
          options={[{ value: "", label: "Choose a country" }, ...COUNTRIES]}
          defaultValue={address?.country ?? ""}
          autoComplete="country"
        />
      </FieldSet>
      <FieldSet
        legend="Tax id"
        hint={
          others.length > 0
            ? `There are ${others.length} more at the payment company, which stay.`
            : "For businesses that need it on their invoices."
        }
      >
        <SelectField
          name="taxIdKind"
          label="Kind"
          options={kindsWith(taxId?.type)}
          defaultValue={taxId?.type ?? ""}
        />
        <TextField
          name="taxId"
          label="Tax id"
          defaultValue={taxId?.value ?? ""}
          maxLength={60}
          autoComplete="off"
          optional
          mono
        />
      </FieldSet>
      <div>
        <SubmitButton>Save details</SubmitButton>
      </div>
    </Form>
  );
}

/** The kinds to choose from; the one that is held is among them, whatever it is. */
function kindsWith(held: string | undefined) {
  const known = Object.entries(TAX_ID_KINDS).map(([value, label]) => ({ value, label }));
  const rare = held && !Object.hasOwn(TAX_ID_KINDS, held) ? [held] : [];
  return [
    { value: "", label: "None" },
    ...known,
    ...rare.map((value) => ({ value, label: taxIdKindInWords(value) })),
  ];
}
