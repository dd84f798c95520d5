import { Banner } from "#app/_ui/banner.tsx";
import { Form } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import type { Member } from "#lib/actor.ts";
import type { PaymentMethods } from "#lib/billing/paying/views.ts";
import { formatMoney } from "#lib/money.ts";
import { payWith } from "./actions.ts";

/** A payment that failed, and the one thing that mends it: the card to try next. */
export function Unpaid({
  actor,
  paying,
  unpaid,
}: {
  actor: Member;
  paying: PaymentMethods;
  unpaid: NonNullable<PaymentMethods["unpaid"]>;
}) {
  const amount = formatMoney({
    amountMinor: unpaid.amountRemainingMinor,
    currency: unpaid.currency,
  });
  const invoice = unpaid.number ? `invoice ${unpaid.number}` : "your last invoice";
  const card = paying.next;
  return (
    <Banner
      tone="warning"
      title={`${amount} for ${invoice} could not be collected`}
      action={
        card && (
          <Form action={payWith}>
            <input type="hidden" name="organizationId" value={actor.organizationId} />
            <input type="hidden" name="revision" value={paying.revision} />
            <input type="hidden" name="methodId" value={card.id} />
            <input type="hidden" name="invoiceId" value={unpaid.id} />
            <input type="hidden" name="invoiceRevision" value={unpaid.revision} />
            <SubmitButton>
              Pay {amount} with {card.words}
            </SubmitButton>
          </Form>
        )
      }
    >
      {card
        ? "Pay it with this card, or add another one. From then on the card pays for everything."
        : "Add a card to pay it with."}
    </Banner>
  );
}
