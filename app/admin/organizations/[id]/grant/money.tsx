import { Why } from "#app/_billing/why.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { TextField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { FormActions } from "#app/_ui/form-actions.tsx";
import { Money } from "#app/_ui/money.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { findRefunding, Granting } from "#lib/billing/granting/views.ts";
import { writtenAmount } from "#lib/catalogue/rules.ts";
import { formatMoney } from "#lib/money.ts";
import { dayInWords } from "#lib/time.ts";
import { credit, extend, refund } from "./actions.ts";

type Props = { granting: Granting; organizationId: string };

/** A later end of each trial that is under way. */
export function Trials({ granting: { trials }, organizationId }: Props) {
  return trials.map(({ subscription, revision, planName, blocker }) => (
    <Section
      key={subscription.id}
      title={`A longer trial of ${planName}`}
      description={
        subscription.trialEnd
          ? `It lasts until ${dayInWords(subscription.trialEnd)}; the first payment is due then.`
          : undefined
      }
    >
      {blocker ? (
        <p className="text-sm">{blocker}</p>
      ) : (
        <div className="max-w-xl">
          <Form action={extend}>
            <input type="hidden" name="organizationId" value={organizationId} />
            <input type="hidden" name="subscriptionId" value={subscription.id} />
            <input type="hidden" name="revision" value={revision} />
            <TextField name="until" type="date" label="New end of the trial" required />
            <Why />
            <FormActions>
              <SubmitButton variant="secondary">Extend the trial</SubmitButton>
            </FormActions>
          </Form>
        </div>
      )}
    </Section>
  ));
}

/** An amount for later invoices. */
export function Credit({ granting: { creditor }, organizationId }: Props) {
  const currency = creditor?.currency;
  const balance = creditor?.customer.balanceMinor ?? 0;
  return (
    <Section title="Credit" description="Later invoices take it first. Nothing is paid out.">
      {creditor ? (
        <div className="grid max-w-xl gap-4">
          {currency && balance !== 0 && (
            <p className="text-sm">
              {balance > 0 ? "To its credit now: " : "The next invoice takes in addition: "}
              <Money amountMinor={Math.abs(balance)} currency={currency} />
            </p>
          )}
          <Form action={credit}>
            <input type="hidden" name="organizationId" value={organizationId} />
            <input type="hidden" name="customerId" value={creditor.customer.id} />
            <input type="hidden" name="revision" value={creditor.revision} />
            <TextField
              name="amount"
              label={currency ? `Amount in ${currency}` : "Amount"}
              inputMode="decimal"
              autoComplete="off"
              maxLength={20}
              required
            />
            {!currency && (
              <TextField
                name="currency"
                label="Currency"
                hint="Three letters, such as EUR. It was never billed, so none is decided."
                maxLength={3}
                required
              />
            )}
            <Why />
            <FormActions>
              <SubmitButton variant="secondary">Credit</SubmitButton>
            </FormActions>
          </Form>
        </div>
      ) : (
        <p className="text-sm text-muted">
          No gateway knows it as a customer yet. That comes with its first subscription.
        </p>
      )}
    </Section>
  );
}

/** The payments that can be given back; and for one of them, how much. */
export function Refund({
  granting: { refundable },
  refunding,
  organizationId,
  base,
}: Props & { refunding: Awaited<ReturnType<typeof findRefunding>>; base: string }) {
  return (
    <Section
      title="Refund"
      id="refund"
      description="Money back by the way that it came. The plan stays as it is; end it where that is meant."
    >
      {refunding ? (
        <RefundForm refunding={refunding} organizationId={organizationId} base={base} />
      ) : refundable.length === 0 ? (
        <p className="text-sm text-muted">There is no payment that could be given back.</p>
      ) : (
        <ul className="grid gap-3 text-sm">
          {refundable.map((payment) => (
            <li key={payment.id} className="flex flex-wrap items-center justify-between gap-3">
              <span>
                <Money amountMinor={payment.amountMinor} currency={payment.currency} /> on{" "}
                <Time at={payment.startedAt} dateOnly />
                {payment.refundedMinor > 0 && (
                  <span className="text-muted">
                    , of which{" "}
                    <Money amountMinor={payment.refundedMinor} currency={payment.currency} /> went
                    back
                  </span>
                )}
              </span>
              <ButtonLink size="sm" href={`${base}/grant?payment=${payment.id}#refund`}>
                Refund {formatMoney(payment)}
              </ButtonLink>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function RefundForm({
  refunding: { payment, revision, leftMinor, blocker },
  organizationId,
  base,
}: {
  refunding: NonNullable<Awaited<ReturnType<typeof findRefunding>>>;
  organizationId: string;
  base: string;
}) {
  const left = { amountMinor: leftMinor, currency: payment.currency };
  return (
    <div className="grid max-w-xl gap-4">
      <p className="text-sm">
        <Money amountMinor={payment.amountMinor} currency={payment.currency} /> on{" "}
        <Time at={payment.startedAt} dateOnly />
        {payment.refundedMinor > 0 && (
          <>
            , of which <Money {...left} /> is left to give back
          </>
        )}
        .
      </p>
      {blocker ? (
        <p className="text-sm">{blocker}</p>
      ) : (
        <Form action={refund}>
          <input type="hidden" name="organizationId" value={organizationId} />
          <input type="hidden" name="paymentId" value={payment.id} />
          <input type="hidden" name="revision" value={revision} />
          <TextField
            name="amount"
            label={`Amount in ${payment.currency}`}
            hint={
              <>
                <Money {...left} /> at most.
              </>
            }
            inputMode="decimal"
            autoComplete="off"
            defaultValue={writtenAmount(left)}
            maxLength={20}
            required
          />
          <Why />
          <FormActions>
            <SubmitButton variant="danger">Refund</SubmitButton>
            <ButtonLink href={`${base}/grant#refund`} variant="quiet">
              Another payment
            </ButtonLink>
          </FormActions>
        </Form>
      )}
    </div>
  );
}
