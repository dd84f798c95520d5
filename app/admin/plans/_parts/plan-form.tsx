import { ButtonLink } from "#app/_ui/button.tsx";
import { CheckField, SelectField, TextField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { FormActions } from "#app/_ui/form-actions.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import type { Market } from "#lib/billing/selling/views.ts";
import { writtenAmount } from "#lib/catalogue/rules.ts";
import type { Catalogue, PlanView } from "#lib/catalogue/views.ts";
import { savePlan } from "../actions.ts";
import { NameFields } from "./name-fields.tsx";
import { PriceRows } from "./price-rows.tsx";

/** Makes a plan, or changes one; at the gateways as well, where that is wanted and can be asked. */
export function PlanForm({
  plan,
  catalogue,
  markets,
}: {
  plan?: PlanView;
  catalogue: Catalogue;
  markets: readonly Market[];
}) {
  const tiers = catalogue.tiers.map(({ id, name }) => ({ value: id, label: name }));
  const prices = (plan?.prices ?? []).map((price) => ({
    amount: writtenAmount(price),
    currency: price.currency,
    interval: price.interval,
    intervalCount: price.intervalCount,
  }));
  return (
    <Form action={savePlan} className="grid gap-8">
      {plan && <input type="hidden" name="planId" value={plan.id} />}
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
      <Section
        title="Prices"
        description="What customers read on the pricing page. A price that changes ends and begins anew."
      >
        <PriceRows key={JSON.stringify(prices)} initial={prices} />
        <div className="mt-5 grid gap-3">
          {markets
            .filter(({ canAsk }) => canAsk)
            .map(({ gateway, mode, title }) => (
              <CheckField
                key={gateway}
                name={`sell.${gateway}`}
                value={mode}
                label={`Sell it at ${title} as well (${mode} mode)`}
                hint="Creates the product and the prices that are not there. What is there already stays."
                defaultChecked
              />
            ))}
        </div>
      </Section>
      <FormActions>
        <SubmitButton>{plan ? "Save plan" : "Create plan"}</SubmitButton>
        <ButtonLink href="/admin/plans" variant="quiet">
          Back to plans
        </ButtonLink>
      </FormActions>
    </Form>
  );
}
