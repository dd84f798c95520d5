import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import type { Member } from "#lib/actor.ts";
import { findCardAtItsEnd } from "#lib/billing/paying/views.ts";

/** The card that pays for a subscription is over, or about to be; nothing where it is good. */
export async function CardWarning({ actor, base }: { actor: Member; base: string }) {
  const card = await findCardAtItsEnd(actor);
  if (!card) return null;
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
