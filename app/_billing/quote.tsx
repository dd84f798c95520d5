import { notFound } from "next/navigation";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { ErrorNotice } from "#app/_ui/error-notice.tsx";
import { Form, type FormAction } from "#app/_ui/form.tsx";
import { FormActions } from "#app/_ui/form-actions.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { Asker } from "#lib/billing/asking/authority.ts";
import { type Quoted, quoteChange } from "#lib/billing/changing/commands.ts";
import { soldInWords, type Timing } from "#lib/billing/changing/rules.ts";
import { AppError } from "#lib/errors.ts";
import { formatMoney } from "#lib/money.ts";
import { dayInWords } from "#lib/time.ts";
import { BECAUSE, changeAddress, type Query } from "./change-query.ts";
import { Lines } from "./lines.tsx";
import { Why } from "./why.tsx";

type Props = {
  actor: Asker;
  organizationId: string;
  /** What accepts the quote. */
  action: FormAction;
  base: string;
  query: Query & { readonly to: string };
  subscriptionId: string;
};

/** The second step: what the change costs to the cent, when it takes effect, and the one button. */
export async function Quote(props: Props) {
  const { actor, organizationId, action, base, query, subscriptionId } = props;
  const { to: priceRef, seats: quantity = 1, timing } = query;
  const quoted = await quotedOrWhy(() =>
    quoteChange(actor, { organizationId, subscriptionId, priceRef, quantity, timing }),
  );
  const back = changeAddress(base, { ...query, to: undefined, timing: undefined });
  if (quoted instanceof AppError) {
    return (
      <ErrorNotice
        title={quoted.message}
        action={<ButtonLink href={changeAddress(base, query)}>Try again</ButtonLink>}
      >
        Nothing was changed.
      </ErrorNotice>
    );
  }
  const { change, quote } = quoted;
  if (!quote) return <Blocked change={change} back={back} base={base} query={query} />;
  return (
    <>
      {query.because && <Banner tone="warning" title={BECAUSE[query.because]} />}
      <Section title={headingOf(change)}>
        <div className="grid gap-5">
          <Effect change={change} quote={quote} />
          <Lines quote={quote} />
          <Form action={action}>
            <input type="hidden" name="organizationId" value={organizationId} />
            <input type="hidden" name="subscription" value={query.subscription ?? ""} />
            <input type="hidden" name="quoteId" value={quote.id} />
            {actor.kind === "administrator" && (
              <div className="max-w-xl">
                <Why />
              </div>
            )}
            <FormActions>
              <SubmitButton>{buttonOf(quote)}</SubmitButton>
              <ButtonLink href={back} variant="quiet">
                Choose something else
              </ButtonLink>
            </FormActions>
          </Form>
          <p className="text-sm text-muted">
            This holds until <Time at={quote.expiresAt} relative={false} />.
          </p>
          <OtherTiming change={change} base={base} query={query} />
        </div>
      </Section>
    </>
  );
}

/** What a gateway refuses, or cannot be asked now, is a sentence on the page and no crash. */
async function quotedOrWhy(quote: () => Promise<Quoted>): Promise<Quoted | AppError> {
  try {
    return await quote();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === "not_found") notFound();
    return error;
  }
}

type Change = Quoted["change"];
type QuoteRow = NonNullable<Quoted["quote"]>;

function headingOf({ from, to, subject, wanted }: Change): string {
  const { quantity } = subject.subscription;
  const target = soldInWords(to, wanted.quantity);
  return from ? `From ${soldInWords(from, quantity)} to ${target}` : `To ${target}`;
}

function Effect({ change, quote }: { change: Change; quote: QuoteRow }) {
  const { subscription } = change.subject;
  const { status, trialEnd, periodEnd } = subscription;
  // A trial that is over keeps its end.
  const renewal = status === "trialing" ? (trialEnd ?? periodEnd) : periodEnd;
  return (
    <div className="grid gap-1 text-sm">
      <p>
        {quote.timing === "now" ? (
          <>
            <strong className="font-semibold">Takes effect now</strong>
            {quote.dueMinor > 0 && ", as soon as it is paid"}.
          </>
        ) : (
          <>
            <strong className="font-semibold">Takes effect at the renewal</strong>
            {renewal && `, on ${dayInWords(quote.nextAt ?? renewal)}`}. Until then everything stays
            as it is, and it can be taken back.
          </>
        )}
      </p>
      {subscription.planned && (
        <p className="text-muted">The change that is planned now is given up for this one.</p>
      )}
    </div>
  );
}

function buttonOf({ timing, dueMinor, currency }: QuoteRow): string {
  if (timing === "renewal") return "Schedule change";
  if (dueMinor === 0) return "Change plan";
  return `Change plan and pay ${formatMoney({ amountMinor: dueMinor, currency })}`;
}

type Where = { change: Change; base: string; query: Props["query"] };

function OtherTiming({ change, base, query }: Where) {
  const other = change.timings.find((timing) => timing !== change.wanted.timing);
  if (!other) return null;
  const href = changeAddress(base, { ...query, because: undefined, timing: other });
  return (
    <p className="text-sm">
      <TextLink href={href}>{OTHER[other]}</TextLink>
    </p>
  );
}

const OTHER: Record<Timing, string> = {
  now: "Change now instead",
  renewal: "Change at the renewal instead",
};

function Blocked({ change, base, query, back }: Where & { back: string }) {
  return (
    <Section title={headingOf(change)}>
      <div className="grid gap-5">
        <ul className="grid gap-2">
          {change.blockers.map((blocker) => (
            <li key={blocker}>
              <Banner tone="warning" title={blocker} />
            </li>
          ))}
        </ul>
        <FormActions>
          <ButtonLink href={back} variant="primary">
            Choose something else
          </ButtonLink>
        </FormActions>
        <OtherTiming change={change} base={base} query={query} />
      </div>
    </Section>
  );
}
