import { Why } from "#app/_billing/why.tsx";
import { Banner } from "#app/_ui/banner.tsx";
import { Facts } from "#app/_ui/facts.tsx";
import { SelectField, TextField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { FormActions } from "#app/_ui/form-actions.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { Granting } from "#lib/billing/granting/views.ts";
import { dayInWords } from "#lib/time.ts";
import { endGiven, give } from "./actions.ts";

type Props = { granting: Granting; organizationId: string };

/** The plan that is given, until when, by whom and why; the way to give one, and to end it. */
export function FreeOfCharge({
  granting,
  organizationId,
  name,
  paysFor,
}: Props & { name: string; paysFor: boolean }) {
  const { open, offered, chosen, revision } = granting;
  const options = [
    { value: "", label: "Choose what to give" },
    ...offered.plans.map(({ id, name: plan, tier }) => ({
      value: id,
      label: plan === tier ? `Plan ${plan}` : `Plan ${plan} (${tier})`,
    })),
    ...offered.tiers.map(({ id, name: tier }) => ({ value: id, label: `Tier ${tier}` })),
  ];
  return (
    <Section
      title="A plan free of charge"
      description={`${name} has the highest tier of what it pays for and of what it is given. It ends by itself.`}
    >
      <div className="grid gap-6">
        {open && <Open open={open} organizationId={organizationId} />}
        {paysFor && (
          <Banner tone="info" title={`${name} has a subscription`}>
            It goes on beside what you give, and is charged as before.
          </Banner>
        )}
        {offered.tiers.length === 0 ? (
          <p className="text-sm text-muted">
            There is nothing to give yet. Make a tier under Plans first.
          </p>
        ) : (
          <div className="grid max-w-xl gap-4">
            {open && (
              <h3 className="text-sm font-semibold">Give something else, or for another time</h3>
            )}
            <Form action={give} resetOnDone>
              <input type="hidden" name="organizationId" value={organizationId} />
              <input type="hidden" name="revision" value={revision} />
              <SelectField
                name="given"
                label="Plan or tier"
                options={options}
                defaultValue={chosen}
                required
              />
              <TextField
                name="until"
                type="date"
                label="Last day"
                hint="It ends when this day is over, by UTC."
                required
              />
              <Why />
              <FormActions>
                <SubmitButton {...(open && { variant: "secondary" as const })}>
                  {open ? "Put in its place" : "Give free of charge"}
                </SubmitButton>
              </FormActions>
            </Form>
          </div>
        )}
      </div>
    </Section>
  );
}

function Open({
  open,
  organizationId,
}: {
  open: NonNullable<Granting["open"]>;
  organizationId: string;
}) {
  return (
    <div className="grid gap-4">
      <Facts
        items={[
          { label: "Given", value: <strong>{open.name}</strong> },
          { label: "Until", value: dayInWords(open.endsAt) },
          { label: "By", value: open.givenByLabel },
          { label: "Since", value: <Time at={open.givenAt} /> },
          { label: "Because", value: <span className="wrap-anywhere">{open.reason}</span> },
        ]}
      />
      <p className="text-sm">When it ends, what counts is what it pays for, if it does.</p>
      <div className="max-w-xl">
        <Form action={endGiven}>
          <input type="hidden" name="organizationId" value={organizationId} />
          <input type="hidden" name="compId" value={open.id} />
          <Why />
          <FormActions>
            <SubmitButton variant="danger">End it now</SubmitButton>
          </FormActions>
        </Form>
      </div>
    </div>
  );
}
