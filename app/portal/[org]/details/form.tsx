import { CheckField, SelectField, TextField } from "#app/_ui/field.tsx";
import { FieldSet } from "#app/_ui/fieldset.tsx";
import { Form } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import type { Member } from "#lib/actor.ts";
import { nameOfTaxId, TAX_ID_KINDS, taxIdKindInWords } from "#lib/billing/paying/rules.ts";
import type { findDetails } from "#lib/billing/paying/views.ts";
import { save } from "./actions.ts";
import { COUNTRIES } from "./countries.ts";
import { REMOVED } from "./removed.ts";

type Found = NonNullable<Awaited<ReturnType<typeof findDetails>>>;

export function DetailsForm({
  actor,
  revision,
  details,
}: Pick<Found, "revision" | "details"> & { actor: Member }) {
  const { name, email, address, taxIds } = details;
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
      <FieldSet legend="Tax ids" hint="For businesses that need them on their invoices.">
        {taxIds.map((taxId) => (
          <HeldTaxId key={nameOfTaxId(taxId)} taxId={taxId} />
        ))}
        <div className="grid gap-3 sm:grid-cols-2">
          <SelectField
            name="taxIdKind"
            label={taxIds.length > 0 ? "Kind of another" : "Kind"}
            options={KINDS}
            defaultValue=""
          />
          <TextField
            name="taxId"
            label={taxIds.length > 0 ? "Another tax id" : "Tax id"}
            maxLength={60}
            autoComplete="off"
            optional
            mono
          />
        </div>
      </FieldSet>
      <div>
        <SubmitButton>Save details</SubmitButton>
      </div>
    </Form>
  );
}

/** A tax id cannot be changed: it is removed, and another one is added. */
function HeldTaxId({ taxId }: { taxId: Found["details"]["taxIds"][number] }) {
  const kind = taxIdKindInWords(taxId.type);
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 rounded-md border border-line px-4 py-3">
      <p className="min-w-0 text-sm wrap-anywhere">
        {kind} <span className="font-mono">{taxId.value}</span>
      </p>
      <CheckField
        name={`${REMOVED}${nameOfTaxId(taxId)}`}
        label={
          <>
            Remove<span className="sr-only"> {`${kind} ${taxId.value}`}</span>
          </>
        }
      />
    </div>
  );
}

const KINDS = [
  { value: "", label: "None" },
  ...Object.entries(TAX_ID_KINDS).map(([value, label]) => ({ value, label })),
];
