import { TextField } from "#app/_ui/field.tsx";
import { Section } from "#app/_ui/section.tsx";
import type { Catalogue, TierView } from "#lib/catalogue/views.ts";
import { saveTier } from "../actions.ts";
import { EntitlementRows } from "./entitlement-rows.tsx";
import { NameFields } from "./name-fields.tsx";
import { SavedForm } from "./saved-form.tsx";

/** Makes a tier, or changes one. */
export function TierForm({
  tier,
  catalogue,
}: {
  tier?: TierView & { readonly seen: string };
  catalogue: Catalogue;
}) {
  const keys = catalogue.tiers.flatMap((each) => each.entitlements.map(({ key }) => key));
  const entitlements = tier?.entitlements ?? [];
  const back = { label: "Back to plans", href: "/admin/plans" };
  const highest = Math.max(0, ...catalogue.tiers.map(({ rank }) => rank));
  return (
    <SavedForm action={saveTier} noun="tier" known={tier} back={back}>
      <Section title="What it is called">
        <NameFields known={tier} codeHint="What your product checks for.">
          <TextField
            name="rank"
            label="Rank"
            hint="Of all tiers that an organization is entitled to, the highest rank wins."
            type="number"
            min={0}
            max={10_000}
            step={1}
            defaultValue={tier?.rank ?? highest + 10}
            required
          />
        </NameFields>
      </Section>
      <Section
        title="Entitlements"
        description="A feature is there or not; a limit without a number has no limit. What a tier does not list, it does not allow; only of seats (the key seats) it allows any number then."
      >
        <EntitlementRows
          // What is saved may come back in another order: the rows begin anew with it.
          key={JSON.stringify(entitlements)}
          initial={entitlements}
          knownKeys={[...new Set(keys)].sort()}
        />
      </Section>
    </SavedForm>
  );
}
