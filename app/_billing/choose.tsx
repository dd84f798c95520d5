import { Badge } from "#app/_ui/badge.tsx";
import { ButtonLink, buttonClass } from "#app/_ui/button.tsx";
import { ChoiceLinks } from "#app/_ui/choice-links.tsx";
import { Section } from "#app/_ui/section.tsx";
import type { Asker } from "#lib/billing/asking/authority.ts";
import { SEATS_MAX } from "#lib/billing/changing/rules.ts";
import { type Choices, choicesOf } from "#lib/billing/changing/views.ts";
import { inSeats } from "#lib/billing/seat-rules.ts";
import { priceInWords } from "#lib/catalogue/rules.ts";
import { changeAddress, type Query } from "./change-query.ts";

type Props = {
  actor: Asker;
  organizationId: string;
  /** Where the page stands: its address is `change` below it. */
  base: string;
  query: Query;
  subscriptionId: string;
};

/** The first step: which plan, by the month or the year, for how many. */
export async function Choose({ actor, organizationId, base, query, subscriptionId }: Props) {
  const choices = await choicesOf(actor, {
    organizationId,
    subscriptionId,
    interval: query.interval,
    seats: query.seats,
  });
  const held = actor.kind === "administrator" ? "Its plan" : "Your plan";
  const chosen = {
    subscription: query.subscription,
    interval: choices.interval,
    seats: choices.seats,
  };
  return (
    <>
      <Section
        title="Plan"
        description="What it costs, and what is credited, comes next. Nothing changes before you confirm it."
        actions={
          choices.intervals.length > 1 && (
            <ChoiceLinks
              label="Billing period"
              items={choices.intervals.map((interval) => ({
                label: interval === "month" ? "Monthly" : "Yearly",
                href: changeAddress(base, { ...chosen, interval }),
                isChosen: interval === chosen.interval,
              }))}
            />
          )
        }
        flush
      >
        {choices.plans.length === 0 ? (
          <p className="p-6 text-sm text-muted">Nothing is on sale at the moment.</p>
        ) : (
          <ul className="divide-y divide-line">
            {choices.plans.map((plan) => (
              <Plan key={plan.planId} plan={plan} base={base} chosen={chosen} held={held} />
            ))}
          </ul>
        )}
      </Section>
      {choices.seats !== undefined && <Seats base={base} chosen={chosen} />}
    </>
  );
}

type Chosen = Pick<Query, "subscription" | "interval" | "seats">;

function Plan({
  plan: { planName, description, choice },
  base,
  chosen,
  held,
}: {
  plan: Choices["plans"][number];
  base: string;
  chosen: Chosen;
  held: string;
}) {
  const terms = choice?.sold.terms;
  const seats = choice?.sold.isPerSeat ? choice.quantity : undefined;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 p-4 sm:px-6">
      <div className="grid min-w-0 flex-1 basis-64 gap-1">
        <h3 className="flex flex-wrap items-center gap-2 font-medium wrap-anywhere">
          {planName} {choice?.isHeld && <Badge tone="green">{held}</Badge>}
        </h3>
        {description && <p className="max-w-prose text-sm text-muted">{description}</p>}
        <p className="text-sm tabular-nums">
          {terms
            ? `${priceInWords(terms)}${seats === undefined ? "" : forEachOf(seats)}`
            : `Not sold by the ${chosen.interval}.`}
        </p>
        {choice?.blockers.map((blocker) => (
          <p key={blocker} className="max-w-prose text-sm text-amber">
            {blocker}
          </p>
        ))}
      </div>
      {choice && !choice.isHeld && choice.blockers.length === 0 && (
        <ButtonLink href={changeAddress(base, { ...chosen, seats, to: choice.sold.priceRef })}>
          Choose {planName}
        </ButtonLink>
      )}
      {choice?.otherwise && (
        <ButtonLink
          href={changeAddress(base, {
            ...chosen,
            seats,
            to: choice.sold.priceRef,
            timing: choice.otherwise,
          })}
        >
          Choose {planName} {choice.otherwise === "now" ? "now" : "at the renewal"}
        </ButtonLink>
      )}
    </li>
  );
}

function forEachOf(seats: number): string {
  return seats === 1 ? " for each seat" : ` for each of ${inSeats(seats)}`;
}

/** A form of the browser's own: it leads to this page with another number in its address. */
function Seats({ base, chosen }: { base: string; chosen: Chosen }) {
  return (
    <Section
      title="Seats"
      id="seats"
      description="For how many people. What is sold by the seat costs its price for each."
    >
      <form action={`${base}/change`} className="flex flex-wrap items-end gap-3">
        {chosen.subscription && (
          <input type="hidden" name="subscription" value={chosen.subscription} />
        )}
        <input type="hidden" name="interval" value={chosen.interval} />
        <label className="grid gap-1.5 text-sm font-medium">
          Number of seats
          <input
            key={chosen.seats}
            type="number"
            name="seats"
            min={1}
            max={SEATS_MAX}
            step={1}
            required
            defaultValue={chosen.seats}
            className="control w-36 tabular-nums"
          />
        </label>
        <button type="submit" className={buttonClass()}>
          Show plans for so many
        </button>
      </form>
    </Section>
  );
}
