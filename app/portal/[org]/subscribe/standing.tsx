import { safeLink } from "#app/_billing/safe-link.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { LookAgain } from "#app/_ui/look-again.tsx";
import { Card } from "#app/_ui/section.tsx";
import type { Standing } from "#lib/billing/subscribing/rules.ts";
import type { OpenCheckout } from "#lib/billing/subscribing/views.ts";

/** Why nothing can be begun now, and the one thing to do instead. */
export function InTheWay({
  standing,
  base,
}: {
  standing: Exclude<Standing, { kind: "free" }>;
  base: string;
}) {
  switch (standing.kind) {
    case "subscribed":
      return (
        <Card>
          <Empty
            title="You have a subscription already"
            action={
              <ButtonLink href={`${base}/change`} variant="primary">
                Change plan
              </ButtonLink>
            }
          >
            An organization has one subscription. Change its plan, its period or its seats.
          </Empty>
        </Card>
      );
    case "unfinished": {
      const href = safeLink(standing.payUrl ?? undefined);
      return (
        <Card>
          <Empty
            title="The first payment has not gone through yet"
            action={
              href ? (
                <ButtonLink href={href} external variant="primary">
                  Go on to pay
                </ButtonLink>
              ) : (
                <ButtonLink href={`${base}/billing`}>Back to billing</ButtonLink>
              )
            }
          >
            Finish it, and the plan is yours. If it is left, it ends by itself after a day, and you
            can begin anew.
          </Empty>
        </Card>
      );
    }
    case "arriving":
      return (
        <Card>
          <Empty title="You have subscribed" action={<LookAgain />}>
            It takes a moment until the plan shows here.
          </Empty>
        </Card>
      );
    case "unsure":
      return (
        <Card>
          <Empty title="What you have is being read anew" action={<LookAgain />}>
            In a few minutes it shows here what your organization has; nothing can be begun before.
          </Empty>
        </Card>
      );
  }
}

/** A page to pay on that somebody left: they may go on there, or choose something else here. */
export function LeftOpen({ left, base }: { left: OpenCheckout; base: string }) {
  return (
    <Banner
      title={`You began to subscribe to ${left.chosen.planName}`}
      action={
        <ButtonLink href={`${base}/checkout/${left.commandId}`} size="sm">
          Look at it
        </ButtonLink>
      }
    >
      {left.chosen.cost}. It was not finished; nothing was charged.
    </Banner>
  );
}
