import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import type { PaidFor } from "#lib/billing/page-views.ts";

type Props = { card: NonNullable<PaidFor["cardAtItsEnd"]>; base: string };

/** The card that pays for a subscription is over, or about to be. */
export function CardWarning({ card, base }: Props) {
  const isOver = card.expiry === "expired";
  return (
    <Banner
      tone="warning"
      title={isOver ? `${card.words} has expired` : `${card.words} expires this month`}
      action={<ButtonLink href={`${base}/payment-methods`}>Change the card</ButtonLink>}
    >
      {isOver
        ? "It can no longer be charged. Add another one, so that your plan goes on when it renews."
        : "After that it can no longer be charged. Add another one before your plan renews."}
    </Banner>
  );
}
