import { Choice } from "#app/_pricing/choice.tsx";
import { settings } from "#app/_server/settings.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink, buttonClass } from "#app/_ui/button.tsx";
import { Form } from "#app/_ui/form.tsx";
import { FormActions } from "#app/_ui/form-actions.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import type { Member } from "#lib/actor.ts";
import { costInWords, firstPaymentInWords } from "#lib/billing/subscribing/rules.ts";
import { findChoice } from "#lib/billing/subscribing/views.ts";
import type { PlanView } from "#lib/catalogue/views.ts";
import { counted } from "#lib/counted.ts";
import { subscribe } from "./actions.ts";
import { type Query, withChoice } from "./query.ts";

type Chosen = Query & { interval: "month" | "year"; currency: string };
type Props = {
  actor: Member;
  base: string;
  plan: PlanView;
  query: Chosen;
  currencies: readonly string[];
};

/** The second step: what it costs, what happens next, and the one button. */
export async function Confirm({ actor, base, plan, query, currencies }: Props) {
  const { organizationId } = actor;
  const { interval, currency, seats } = query;
  const choice = await findChoice(actor, {
    organizationId,
    planId: plan.id,
    interval,
    currency,
    quantity: seats,
  });
  const { offered, wanted, trialDays, blockers, revision } = choice;
  const { price } = offered;
  const { worksOutTax } = await settings();
  return (
    <Section
      title={plan.name}
      description={plan.description || undefined}
      actions={
        <Choice
          {...query}
          currencies={currencies}
          hrefOf={(chosen) => withChoice(`${base}/subscribe`, { ...query, ...chosen })}
        />
      }
    >
      <div className="grid gap-6">
        {price && (
          <p className="text-lg font-semibold tracking-tight tabular-nums">
            {costInWords(price, wanted.quantity, trialDays)}
          </p>
        )}
        {offered.isPerSeat && <Seats base={base} query={query} quantity={wanted.quantity} />}
        {!offered.isPerSeat && offered.seats !== null && (
          <p className="text-sm">For up to {counted(offered.seats, "member")}.</p>
        )}
        {blockers.length > 0 ? (
          <ul className="grid gap-2">
            {blockers.map((blocker) => (
              <li key={blocker}>
                <Banner tone="warning" title={blocker} />
              </li>
            ))}
          </ul>
        ) : (
          price && (
            <>
              <ol className="grid max-w-prose list-decimal gap-1.5 pl-5 text-sm text-muted">
                <li>
                  You enter how you pay on {choice.sellerTitle}’s own page. Card data never reach
                  us.
                </li>
                {worksOutTax && (
                  <li>Tax is worked out there by your address, and shown before you confirm.</li>
                )}
                <li>{firstPaymentInWords(price, wanted.quantity, trialDays, new Date())}</li>
                <li>You come back here, and {plan.name} is yours at once.</li>
                <li>You can change it or cancel it at any time.</li>
              </ol>
              <Form action={subscribe}>
                <input type="hidden" name="organizationId" value={organizationId} />
                <input type="hidden" name="planId" value={plan.id} />
                <input type="hidden" name="currency" value={currency} />
                <input type="hidden" name="interval" value={interval} />
                <input type="hidden" name="quantity" value={wanted.quantity} />
                <input type="hidden" name="revision" value={revision} />
                <FormActions>
                  <SubmitButton>Continue to payment</SubmitButton>
                  <Another base={base} query={query} />
                </FormActions>
              </Form>
            </>
          )
        )}
        {(blockers.length > 0 || !price) && (
          <FormActions>
            <Another base={base} query={query} />
          </FormActions>
        )}
      </div>
    </Section>
  );
}

function Another({ base, query }: { base: string; query: Chosen }) {
  const href = withChoice(`${base}/subscribe`, { ...query, plan: undefined, seats: undefined });
  return (
    <ButtonLink href={href} variant="quiet">
      Choose another plan
    </ButtonLink>
  );
}

/** A form of the browser's own: it leads to this page with another number in its address. */
function Seats({ base, query, quantity }: { base: string; query: Chosen; quantity: number }) {
  const { plan, interval, currency } = query;
  return (
    <form action={`${base}/subscribe`} className="flex flex-wrap items-end gap-3">
      {Object.entries({ plan, interval, currency }).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <label className="grid gap-1.5 text-sm font-medium">
        Number of seats
        <input
          key={quantity}
          type="number"
          name="seats"
          min={1}
          max={100_000}
          step={1}
          required
          defaultValue={quantity}
          className="control w-36 tabular-nums"
        />
      </label>
      <button type="submit" className={buttonClass()}>
        Show the price for so many
      </button>
    </form>
  );
}
