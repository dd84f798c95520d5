import { SelectField, TextField } from "#app/_ui/field.tsx";
import { Section } from "#app/_ui/section.tsx";
import type { Market } from "#lib/billing/selling/views.ts";
import type { Catalogue, PlanView } from "#lib/catalogue/views.ts";
import { savePlan } from "../actions.ts";
import { NameFields } from "./name-fields.tsx";
import { PricesSection } from "./prices-section.tsx";
import { SavedForm } from "./saved-form.tsx";

/** Makes a plan, or changes one; at the gateways as well, where that is wanted and can be asked. */
export function PlanForm({
  plan,
  catalogue,
  markets,
}: {
  plan?: PlanView & { readonly seen: string };
  catalogue: Catalogue;
  markets: readonly Market[];
}) {
  const tiers = catalogue.tiers.map(({ id, name }) => ({ value: id, label: name }));
  const back = { label: "Back to plans", href: "/admin/plans" };
  return (
    <SavedForm action={savePlan} noun="plan" known={plan} back={back}>
      <Section title="What is bought">
        <NameFields known={plan} codeHint="Checkout pages may name it in their metadata.">
          <SelectField
            name="tierId"
            label="Tier"
            hint="What those who buy it get."
            options={tiers}
            defaultValue={plan?.tier.id ?? tiers.at(-1)?.value}
          />
          <SelectField
            name="soldBy"
            label="Sold"
            hint="By the seat, those who buy say for how many people, and the price is for each."
            options={[
              { value: "flat", label: "Flat, as many as the tier allows" },
              { value: "seat", label: "By the seat" },
            ]}
            defaultValue={plan?.isPerSeat ? "seat" : "flat"}
          />
          <TextField
            name="trialDays"
            label="Days of trial"
            hint="Free days for organizations that never subscribed to anything. Left empty, there is no trial."
            type="number"
            min={1}
            max={730}
            step={1}
            defaultValue={plan?.trialDays ?? ""}
            optional
          />
        </NameFields>
      </Section>
      <PricesSection
        description="What customers read on the pricing page. A price that changes ends and begins anew."
        prices={plan?.prices ?? []}
        markets={markets}
      />
    </SavedForm>
  );
}
