import { CircleCheck, Clock, CreditCard, TriangleAlert } from "lucide-react";
import { StatusBadge } from "#app/_ui/badge.tsx";
import { ButtonLink, buttonClass } from "#app/_ui/button.tsx";
import { LookAgain } from "#app/_ui/look-again.tsx";
import type { CheckoutView, SubscribedView } from "#lib/billing/subscribing/views.ts";
import { dayInWords } from "#lib/time.ts";
import { withChoice } from "../../subscribe/query.ts";
import { Told } from "../told.tsx";

type Props = {
  view: CheckoutView;
  base: string;
  /** The gateway's page, for as long as it may be open. */
  url: string | undefined;
  /** They came back by its way out. */
  wasLeft: boolean;
};

/** What became of it, in words, with the one thing to do next. */
export function Outcome({ view, base, url, wasLeft }: Props) {
  const { chosen, command, subscription } = view;
  const again = (
    <ButtonLink href={chooseAgain(view, base)} variant="primary">
      Choose again
    </ButtonLink>
  );
  switch (view.progress) {
    case "subscribed":
      return <Subscribed view={view} subscription={subscription} base={base} />;
    case "open":
      return (
        <Told
          title={wasLeft ? "You left the payment page" : "The payment page is not finished yet"}
          icon={<CreditCard />}
          action={<GoOn url={url} base={base} view={view} />}
        >
          {chosen.planName}, {chosen.cost}. Nothing was charged.
        </Told>
      );
    case "closed":
      return (
        <Told title="The payment page is closed" icon={<CreditCard />} action={again}>
          {chosen.planName}, {chosen.cost}. Nothing was charged there.
        </Told>
      );
    case "refused":
      return (
        <Told
          title={
            command.status === "unknown" ? "What came of it is not known" : "Nothing was begun"
          }
          icon={<TriangleAlert />}
          action={again}
        >
          {command.sentence}
        </Told>
      );
    case "opening":
      return (
        <Told title="The payment page is being opened" icon={<Clock />} action={<LookAgain />}>
          The payment company has not answered yet. This page looks again by itself.
        </Told>
      );
    case "arriving":
      return (
        <Told title="Thank you" icon={<Clock />} action={<LookAgain />}>
          It takes a moment until {chosen.planName} shows here. You may close this page: nothing is
          lost.
        </Told>
      );
    case "paying":
      return (
        <Told title="The first payment is under way" icon={<Clock />} action={<LookAgain />}>
          {chosen.planName} is yours as soon as it has arrived. You may close this page.
        </Told>
      );
    case "unpaid":
      return (
        <Told
          title="The first payment did not go through"
          icon={<TriangleAlert />}
          action={
            <ButtonLink href={`${base}/billing`} variant="primary">
              See what to do
            </ButtonLink>
          }
        >
          {chosen.planName} does not begin before it is paid.
        </Told>
      );
  }
}

function Subscribed({
  view: { chosen },
  subscription,
  base,
}: {
  view: CheckoutView;
  subscription: SubscribedView | undefined;
  base: string;
}) {
  const status = subscription?.status ?? "active";
  return (
    <Told
      title={`You have ${subscription?.planName ?? chosen.planName}`}
      icon={<CircleCheck />}
      action={
        <ButtonLink href={`${base}/billing`} variant="primary">
          Go to billing
        </ButtonLink>
      }
    >
      <span className="grid justify-items-center gap-2">
        <StatusBadge status={status} />
        {subscription && nextInWords(subscription)}
      </span>
    </Told>
  );
}

function nextInWords({ status, trialEnd, periodEnd }: SubscribedView): string {
  if (status === "trialing" && trialEnd) {
    return `Your trial lasts until ${dayInWords(trialEnd)}. The first payment is due then.`;
  }
  if (status === "active" && periodEnd) return `It renews on ${dayInWords(periodEnd)}.`;
  return "Its state and what to do about it stand on the billing page.";
}

function GoOn({ url, base, view }: Pick<Props, "url" | "base" | "view">) {
  return (
    <div className="flex flex-wrap justify-center gap-3">
      {url && (
        <a href={url} className={buttonClass({ variant: "primary" })}>
          Go on to pay
        </a>
      )}
      <ButtonLink href={chooseAgain(view, base)} variant="quiet">
        Choose another plan
      </ButtonLink>
    </div>
  );
}

function chooseAgain({ chosen, currency }: CheckoutView, base: string): string {
  return withChoice(`${base}/subscribe`, { interval: chosen.interval, currency });
}
