import { safeLink } from "#app/_billing/safe-link.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Form } from "#app/_ui/form.tsx";
import { FormActions } from "#app/_ui/form-actions.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import type { Member } from "#lib/actor.ts";
import type { findPaying } from "#lib/billing/paying/views.ts";
import type { findInvoice } from "#lib/billing/views.ts";
import { formatMoney } from "#lib/money.ts";
import { pay } from "./actions.ts";

type Props = {
  actor: Member;
  invoice: NonNullable<Awaited<ReturnType<typeof findInvoice>>>;
  paying: Awaited<ReturnType<typeof findPaying>>;
  base: string;
};

/** How an open invoice is paid: with the default card here, or in another way on the gateway's page. */
export function Pay({ actor, invoice, paying, base }: Props) {
  if (paying.onItsWay) {
    return (
      <Banner tone="info" title="The payment is on its way">
        The payment company has not answered yet. Look again in a moment.
      </Banner>
    );
  }
  if (paying.blocker) return null;
  const hosted = safeLink(invoice.hostedUrl);
  if (paying.isElsewhere) {
    return (
      <Banner
        tone="warning"
        title={paying.lacks}
        action={<Hosted href={hosted} label="Go on at the payment page" isFirst />}
      >
        It is done on the payment company’s page; this page shows it when it is.
      </Banner>
    );
  }
  const { amountRemainingMinor: amountMinor, currency } = invoice;
  const amount = formatMoney({ amountMinor, currency });
  return (
    <Section title="Pay it now">
      <div className="grid gap-4">
        {paying.lacks && <p className="text-sm font-medium">{paying.lacks}</p>}
        {!paying.with && <p className="text-sm">There is no card to charge yet.</p>}
        <Form action={pay}>
          <input type="hidden" name="organizationId" value={actor.organizationId} />
          <input type="hidden" name="invoiceId" value={invoice.id} />
          <input type="hidden" name="revision" value={paying.revision} />
          <FormActions>
            {paying.with && (
              <SubmitButton>
                Pay {amount} with {paying.with}
              </SubmitButton>
            )}
            <Hosted href={hosted} label="Pay on the payment page" isFirst={!paying.with} />
            <ButtonLink href={`${base}/payment-methods`} variant="quiet">
              Change the card
            </ButtonLink>
          </FormActions>
        </Form>
      </div>
    </Section>
  );
}

function Hosted({
  href,
  label,
  isFirst,
}: {
  href: string | undefined;
  label: string;
  isFirst: boolean;
}) {
  if (!href) return null;
  return (
    <ButtonLink href={href} external variant={isFirst ? "primary" : "secondary"}>
      {label}
    </ButtonLink>
  );
}
