import { costOf, nameOf } from "#app/_billing/becoming.ts";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { HeldPlan } from "#lib/billing/changing/views.ts";
import { compInWords } from "#lib/billing/granting/rules.ts";
import type { whyOf } from "#lib/billing/granting/views.ts";
import { dayInWords } from "#lib/time.ts";

/** What an administrator gave free of charge, and why. */
export function Given({ comp }: { comp: NonNullable<Awaited<ReturnType<typeof whyOf>>["comp"]> }) {
  return (
    <span className="grid gap-0.5 wrap-anywhere">
      <span>
        {compInWords(comp.name, comp.endsAt)} By {comp.givenByLabel},{" "}
        <Time at={comp.givenAt} dateOnly />.
      </span>
      <span className="text-muted">{comp.reason}</span>
    </span>
  );
}

/** What is ahead of each subscription that is not over, and what an administrator can do with it. */
export function Live({ plans, base }: { plans: readonly HeldPlan[]; base: string }) {
  if (plans.length === 0) return null;
  return (
    <ul className="divide-y divide-line border-t border-line text-sm">
      {plans.map((held) => {
        const { subscription, sold } = held;
        const name = sold?.planName ?? subscription.ref;
        const which = `?subscription=${subscription.id}`;
        return (
          <li
            key={subscription.id}
            className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-4 py-3"
          >
            <p className="min-w-0 wrap-anywhere">
              <span className="block font-medium">{name}</span> {aheadOf(held)}
            </p>
            <div className="flex flex-wrap gap-2">
              <ButtonLink size="sm" href={`${base}/change${which}`}>
                Change {name}
              </ButtonLink>
              {canPause(held) && (
                <ButtonLink size="sm" href={`${base}/pause${which}`}>
                  {subscription.status === "paused" ? "Resume" : "Pause"} {name}
                </ButtonLink>
              )}
              <ButtonLink size="sm" href={`${base}/end${which}`}>
                {subscription.cancelAt ? `Keep or end ${name}` : `End ${name}`}
              </ButtonLink>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/** Whether a pause can begin or end. What stands in the way of others is their state itself. */
function canPause({ subscription: { status, cancelAt } }: HeldPlan): boolean {
  return status === "paused" || (status === "active" && !cancelAt);
}

function aheadOf({ planned, unpaid, open, subscription: { cancelAt } }: HeldPlan): string {
  if (open) return "A change is on its way to the payment company.";
  if (unpaid) return `The change to ${nameOf(unpaid)}${costOf(unpaid)} waits for its payment.`;
  if (planned) return `Becomes ${nameOf(planned)}${costOf(planned)} on ${dayInWords(planned.at)}.`;
  return cancelAt ? `Cancelled; it ends on ${dayInWords(cancelAt)}.` : "";
}
