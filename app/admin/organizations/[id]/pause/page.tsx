import type { Metadata } from "next";
import { Facts } from "#app/_ui/facts.tsx";
import { Section } from "#app/_ui/section.tsx";
import type { EndingPage } from "#lib/billing/ending/views.ts";
import { dayInWords } from "#lib/time.ts";
import { Ask } from "../ask.tsx";
import { AboutEnding, type EndingProps, type ShownEnding, whatIsLost } from "../ending.tsx";
import { pause, resume } from "./actions.ts";

export const metadata: Metadata = { title: "Pause subscription" };

/** Stops a subscription for a while, or lets it go on; what that means is said before. */
export default function PausePage(props: EndingProps) {
  return (
    <AboutEnding props={props} titleOf={titleOf} nothing="There is nothing to pause">
      {(shown) => <PauseOrResume {...shown} />}
    </AboutEnding>
  );
}

function titleOf(ending: EndingPage | undefined): string {
  return ending?.subscription.status === "paused" ? "Resume subscription" : "Pause subscription";
}

function PauseOrResume({ ending, seen }: ShownEnding) {
  const { planName, blockers } = ending;
  if (!blockers.unpause) {
    return (
      <Section
        title={`${planName} is paused`}
        description="Nothing is charged, and it does not count. When it goes on, a new period begins that day and is charged."
      >
        <Ask seen={seen} action={resume} label={`Resume ${planName}`} variant="primary" />
      </Section>
    );
  }
  return (
    <Section
      title={planName}
      description="It stops at once, and nothing is charged until it is resumed. Then a new period begins and is charged."
    >
      <div className="grid gap-5">
        <Facts items={consequencesOf(ending)} />
        {blockers.pause ? (
          <p className="text-sm">{blockers.pause}</p>
        ) : (
          <Ask seen={seen} action={pause} label={`Pause ${planName}`} variant="danger" />
        )}
      </div>
    </Section>
  );
}

function consequencesOf(ending: EndingPage) {
  const { tierAfter, subscription } = ending;
  return [
    { label: "While it is paused", value: tierAfter },
    ...whatIsLost(ending),
    subscription.periodEnd && {
      label: "Not given back",
      value: `What is left of the paid period, until ${dayInWords(subscription.periodEnd)}`,
    },
  ];
}
