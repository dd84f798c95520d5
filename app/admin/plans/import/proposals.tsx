import { Badge } from "#app/_ui/badge.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { CheckField, SelectField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { FormActions } from "#app/_ui/form-actions.tsx";
import { Id } from "#app/_ui/id.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import type { ImportView } from "#lib/billing/selling/views.ts";
import type { Link } from "#lib/catalogue/import-rules.ts";
import { chargeInWords } from "#lib/catalogue/mirrored-rules.ts";
import type { TierView } from "#lib/catalogue/views.ts";
import { importChosen } from "../selling-actions.ts";

type Shown = ImportView["proposals"][number];

/** What an import would do, plan by plan, to choose from. */
export function Proposals({ shown, tiers }: { shown: ImportView; tiers: readonly TierView[] }) {
  const { market, proposals } = shown;
  return (
    <Section title="What would be done" description={notShown(shown)}>
      {proposals.length === 0 ? (
        <Empty title="Nothing to import">
          Every price that names a plan is in it. What is left, and why, stands below.
        </Empty>
      ) : (
        <Form action={importChosen} className="grid min-w-0 gap-6">
          <input type="hidden" name="gateway" value={market.gateway} />
          <input type="hidden" name="mode" value={market.mode} />
          <ul className="divide-y divide-line">
            {proposals.map((proposal, index) => (
              <li key={proposal.code} className="py-5 first:pt-0 last:pb-0">
                <One proposal={proposal} index={index} tiers={tiers} />
              </li>
            ))}
          </ul>
          <FormActions>
            <SubmitButton>Import what is chosen</SubmitButton>
          </FormActions>
        </Form>
      )}
    </Section>
  );
}

/** What of it stands on other pages, or is not looked at yet. */
function notShown({ proposals, inAll, more }: ImportView): string | undefined {
  const here = proposals.reduce((sum, { links }) => sum + links.length, 0);
  const number = (count: number) => count.toLocaleString("en");
  const others =
    here < inAll.imported &&
    `${number(here)} of ${number(inAll.imported)} prices stand on this page. What is chosen is imported page by page.`;
  const later =
    more && "There are more prices in no plan than are looked at at a time; the others follow.";
  return [others, later].filter(Boolean).join(" ") || undefined;
}

function One({
  proposal,
  index,
  tiers,
}: {
  proposal: Shown;
  index: number;
  tiers: readonly TierView[];
}) {
  const { code, seen, planId, name, links } = proposal;
  const field = (what: string) => `groups.${index}.${what}`;
  return (
    <fieldset className="grid min-w-0 gap-4">
      <legend className="mb-3 flex flex-wrap items-center gap-2 font-medium">
        {name}
        <span className="font-mono text-xs font-normal text-muted">{code}</span>
        {planId ? <Badge tone="blue">Linked</Badge> : <Badge tone="green">Created</Badge>}
      </legend>
      <input type="hidden" name={field("code")} value={code} />
      <input type="hidden" name={field("seen")} value={seen} />
      {planId ? (
        <CheckField
          name={field("take")}
          label={links.length === 1 ? "Put this price into it" : "Put these prices into it"}
          defaultChecked
        />
      ) : (
        <div className="max-w-sm">
          <SelectField
            name={field("tierId")}
            label={`Tier of ${name}`}
            hint={
              proposal.isNamed
                ? "A plan with this code is made in the tier that you choose."
                : "No code is written on it at the gateway. Choose a tier if it is a plan."
            }
            defaultValue={proposal.isNamed ? tiers.find((tier) => tier.code === code)?.id : ""}
            options={[
              { value: "", label: "Leave it out" },
              ...tiers.map((tier) => ({ value: tier.id, label: tier.name })),
            ]}
          />
        </div>
      )}
      <ul className="grid gap-3 text-sm">
        {links.map((link) => (
          <li key={link.ref} className="grid min-w-0 gap-0.5">
            <span className="flex flex-wrap items-baseline gap-x-3 tabular-nums">
              {link.words} <Id value={link.ref} />
            </span>
            <span className="text-muted">{why(link)}</span>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

function why({ why, adds, note }: Link): string {
  const asks = adds && `The plan asks ${chargeInWords(adds)} from then on.`;
  return [`By ${why}.`, asks, note].filter(Boolean).join(" ");
}
