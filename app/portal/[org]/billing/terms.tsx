import { ButtonLink } from "#app/_ui/button.tsx";
import { Facts } from "#app/_ui/facts.tsx";
import { Money } from "#app/_ui/money.tsx";
import type { HeldPlan } from "#lib/billing/changing/views.ts";
import { priceInWords } from "#lib/catalogue/rules.ts";
import { dayInWords } from "#lib/time.ts";
import { KeepForm } from "../cancel/forms.tsx";

/** What a subscription costs, for how many, and what is paid next. */
export function Terms({ held }: { held: HeldPlan }) {
  const { subscription, sold } = held;
  const { quantity } = subscription;
  return (
    <Facts
      items={[
        {
          label: "Price",
          value: sold?.terms
            ? `${priceInWords(sold.terms)}${quantity > 1 || sold.isPerSeat ? " for each seat" : ""}`
            : undefined,
        },
        (quantity > 1 || sold?.isPerSeat) && {
          label: "Seats",
          value: quantity.toLocaleString("en"),
        },
        { label: "Next payment", value: nextPayment(held) },
      ]}
    />
  );
}

function nextPayment({ subscription, sold, planned }: HeldPlan) {
  const { status, cancelAt, trialEnd, periodEnd, quantity, isCollectionPaused } = subscription;
  const at = status === "trialing" ? (trialEnd ?? periodEnd) : periodEnd;
  if ((status !== "active" && status !== "trialing") || !at || cancelAt) return undefined;
  if (isCollectionPaused) return "Nothing is collected at the moment.";
  const isPlanned = planned && planned.at.getTime() <= at.getTime();
  const paid = isPlanned ? planned : { sold, quantity };
  const terms = paid.sold?.terms;
  if (!terms) return `On ${dayInWords(at)}`;
  return (
    <>
      <Money amountMinor={terms.amountMinor * paid.quantity} currency={terms.currency} /> on{" "}
      {dayInWords(at)} <span className="text-muted">before tax, discounts and credit</span>
    </>
  );
}

/** What its owner can do with it; the first one is what they came for, unless something is owed. */
export function PlanActions({
  held: { subscription, sold, unpaid, revision },
  base,
  isOneOfSeveral,
}: {
  held: HeldPlan;
  base: string;
  isOneOfSeveral: boolean;
}) {
  const { status, cancelAt, id, organizationId } = subscription;
  const which = isOneOfSeveral ? `?subscription=${id}` : "";
  const isOwed = status === "past_due" || status === "unpaid" || unpaid !== undefined;
  const isPaused = status === "paused" && !cancelAt;
  const canChange =
    (status === "active" || status === "trialing" || status === "past_due") && !cancelAt;
  return (
    <div className="flex flex-wrap gap-2">
      {canChange && (
        <>
          <ButtonLink
            href={`${base}/change${which}`}
            {...(!isOwed && !isOneOfSeveral && { variant: "primary" as const })}
          >
            Change plan
          </ButtonLink>
          {sold?.isPerSeat && <ButtonLink href={`${base}/change${which}#seats`}>Seats</ButtonLink>}
        </>
      )}
      {cancelAt && status !== "canceled" && organizationId && (
        <KeepForm seen={{ organizationId, subscriptionId: id, revision }} isFirst={!isOwed} />
      )}
      {isPaused && (
        <ButtonLink href={`${base}/cancel${which}`} variant="primary">
          Resume
        </ButtonLink>
      )}
      <ButtonLink href={`${base}/payment-methods`}>Payment methods</ButtonLink>
      <ButtonLink href={`${base}/details`}>Billing details</ButtonLink>
      {!isPaused && (
        <ButtonLink href={`${base}/cancel${which}`} variant="quiet">
          {cancelAt ? "What ends" : "Cancel"}
        </ButtonLink>
      )}
    </div>
  );
}
