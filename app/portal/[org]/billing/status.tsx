import { safeLink } from "#app/_billing/safe-link.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { BillingOverview, HeldSubscription } from "#lib/billing/views.ts";

type Props = { billing: BillingOverview; subscription: HeldSubscription };

/** What a subscription's state means to its owner, with its cause, and the way out where there is one. */
export function Status({ billing, subscription }: Props) {
  switch (subscription.status) {
    case "past_due":
      return <PastDue billing={billing} subscription={subscription} />;
    case "unpaid":
      return (
        <Banner tone="danger" title="Not paid" action={<PayNow subscription={subscription} />}>
          The invoice was not paid after several attempts, so the plan no longer counts. It counts
          again as soon as the invoice is paid.
        </Banner>
      );
    case "incomplete":
      return (
        <Banner tone="warning" title="The first payment has not gone through yet">
          Finish it in the window where you began, or start again. Nothing was charged so far.
        </Banner>
      );
    case "paused":
      return (
        <Banner tone="info" title="The subscription is paused">
          Nothing is charged, and the plan does not count while it is paused.
        </Banner>
      );
    case "trialing":
      return (
        <p className="text-sm">
          Your trial lasts until <Time at={subscription.trialEnd ?? subscription.periodEnd} />.{" "}
          {subscription.cancelAt
            ? "It ends then; nothing will be charged."
            : "The first payment is due then."}
        </p>
      );
    case "canceled":
      return (
        <p className="text-sm">
          Your last subscription ended on <Time at={subscription.endedAt} inSentence />.
        </p>
      );
    case "active":
      return <Active subscription={subscription} />;
  }
}

function Active({ subscription }: { subscription: HeldSubscription }) {
  if (subscription.cancelAt) {
    return (
      <Banner
        tone="warning"
        title={
          <>
            Ends on <Time at={subscription.cancelAt} inSentence />
          </>
        }
      >
        It was cancelled. Until then everything stays as it is; nothing more is charged.
      </Banner>
    );
  }
  if (!subscription.periodEnd) return <p className="text-sm">Your subscription is active.</p>;
  return (
    <p className="text-sm">
      Your subscription is active and renews on <Time at={subscription.periodEnd} inSentence />.
    </p>
  );
}

function PastDue({ billing, subscription }: Props) {
  const { organization } = billing;
  const { unpaid } = subscription;
  const since = unpaid?.issuedAt ?? subscription.pastDueSince;
  return (
    <Banner
      tone="warning"
      title={
        since ? (
          <>
            Past due since <Time at={since} inSentence />
          </>
        ) : (
          "Past due"
        )
      }
      action={<PayNow subscription={subscription} />}
    >
      {unpaid?.failureMessage ?? "The last payment failed."}
      {unpaid?.nextAttemptAt && (
        <>
          {" "}
          The next attempt is <Time at={unpaid.nextAttemptAt} />.
        </>
      )}
      {organization.tierValidUntil && (
        <>
          {" "}
          You keep {organization.tier.name} until{" "}
          <Time at={organization.tierValidUntil} inSentence />.
        </>
      )}
    </Banner>
  );
}

function PayNow({ subscription: { unpaid } }: { subscription: HeldSubscription }) {
  const href = safeLink(unpaid?.hostedUrl ?? null);
  if (!href) return null;
  return (
    <ButtonLink href={href} external variant="primary">
      Pay now
    </ButtonLink>
  );
}
