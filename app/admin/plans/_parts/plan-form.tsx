import { ButtonLink } from "#app/_ui/button.tsx";
import { SelectField, TextArea, TextField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { FormActions } from "#app/_ui/form-actions.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { writtenAmount } from "#lib/catalogue/rules.ts";
import type { Catalogue, PlanView } from "#lib/catalogue/views.ts";
import { savePlan } from "../actions.ts";
import { PriceRows } from "./price-rows.tsx";

/** Makes a plan, or changes one. */
export function PlanForm({ plan, catalogue }: { plan?: PlanView; catalogue: Catalogue }) {
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
        <div className="grid max-w-2xl gap-5 sm:grid-cols-2">
          <TextField
            name="name"
            label="Name"
            defaultValue={plan?.name ?? ""}
            required
            maxLength={80}
          />
          <TextField
            name="code"
            label="Code"
            hint="Checkout pages may name it in their metadata."
            defaultValue={plan?.code ?? ""}
            required
            maxLength={40}
            mono
          />
          <div className="sm:col-span-2">
            <TextArea
              name="description"
              label="Description"
              rows={2}
              defaultValue={plan?.description ?? ""}
              maxLength={500}
              optional
            />
          </div>
          <SelectField
            name="tierId"
            label="Tier"
            hint="What those who buy it get."
            options={tiers}
            defaultValue={plan?.tier.id ?? tiers.at(-1)?.value}
          />
        </div>
      </Section>
      <Section
        title="Prices"
        description="What customers read on the pricing page. A price that changes ends and begins anew; what the gateway charges is set there."
      >
        <PriceRows key={JSON.stringify(prices)} initial={prices} />
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
