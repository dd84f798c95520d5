import { costOf, nameOf } from "#app/_billing/becoming.ts";
import type { FormAction } from "#app/_ui/form.tsx";
import { Section } from "#app/_ui/section.tsx";
import type { HeldPlan } from "#lib/billing/changing/views.ts";
import { dayInWords } from "#lib/time.ts";
import { Ask } from "../ask.tsx";
import { giveUp, undo } from "./actions.ts";

type Props = { held: HeldPlan; organizationId: string };

/** What is to become of a subscription, and the way to give it up. */
export function Ahead({ held, organizationId }: Props) {
  const { planned, unpaid } = held;
  return (
    <>
      {unpaid && (
        <Section title={`The change to ${nameOf(unpaid)} waits for its payment`}>
          <GiveUp
            action={giveUp}
            label="Give the change up"
            held={held}
            organizationId={organizationId}
          >
            {unpaid.why ?? "Nothing changes before it is paid."}
            {unpaid.until && ` It lapses on ${dayInWords(unpaid.until)}.`}
          </GiveUp>
        </Section>
      )}
      {planned && (
        <Section title={`${nameOf(planned)} from ${dayInWords(planned.at)}${costOf(planned)}`}>
          {planned.isOurs ? (
            <GiveUp
              action={undo}
              label="Give the planned change up"
              held={held}
              organizationId={organizationId}
            >
              Until then everything stays as it is. Another change takes its place.
            </GiveUp>
          ) : (
            <p className="text-sm">
              This was planned at the payment company itself. Another change takes its place.
            </p>
          )}
        </Section>
      )}
    </>
  );
}

function GiveUp({
  action,
  label,
  held: { subscription, revision },
  organizationId,
  children,
}: Props & { action: FormAction; label: string; children: React.ReactNode }) {
  const seen = { organizationId, subscriptionId: subscription.id, revision };
  return (
    <div className="grid gap-4">
      <p className="max-w-xl text-sm">{children}</p>
      <Ask seen={seen} action={action} label={label} variant="secondary" />
    </div>
  );
}
