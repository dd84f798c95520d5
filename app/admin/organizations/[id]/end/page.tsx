import type { Metadata } from "next";
import { Facts } from "#app/_ui/facts.tsx";
import { CheckField } from "#app/_ui/field.tsx";
import { Section } from "#app/_ui/section.tsx";
import type { EndingPage } from "#lib/billing/ending/views.ts";
import { dayInWords } from "#lib/time.ts";
import { Ask } from "../ask.tsx";
import { AboutEnding, type EndingProps, type ShownEnding, whatIsLost } from "../ending.tsx";
import { cancel, endNow, keep } from "./actions.ts";

export const metadata: Metadata = { title: "End subscription" };

/** With the period or at once, and the way back until then; what is lost is said before. */
export default function EndPage(props: EndingProps) {
  return (
    <AboutEnding props={props} titleOf={() => "End subscription"} nothing="There is nothing to end">
      {(shown) => <Ending {...shown} />}
    </AboutEnding>
  );
}

function Ending(shown: ShownEnding) {
  const { ending } = shown;
  const { cancelAt } = ending.subscription;
  return (
    <>
      <Section title={ending.planName}>
        <Consequences ending={ending} />
      </Section>
      {cancelAt ? <Keep {...shown} /> : ending.endsAt && <AtItsEnd {...shown} />}
      <AtOnce {...shown} />
    </>
  );
}

function Consequences({ ending }: { ending: EndingPage }) {
  const { endsAt, tierAfter, subscription } = ending;
  const ends = subscription.cancelAt ?? endsAt;
  return (
    <Facts
      items={[
        { label: "Ends", value: ends ? dayInWords(ends) : "At once: it has no paid period" },
        { label: "After that", value: tierAfter },
        ...whatIsLost(ending),
        subscription.status === "past_due" && {
          label: "Owed",
          value: "What is owed for the current period stays owed.",
        },
      ]}
    />
  );
}

function AtItsEnd({ ending, seen }: ShownEnding) {
  const { cancel: blocker } = ending.blockers;
  return (
    <Section
      title="At the end of its period"
      description="Nothing more is charged. It can be taken back until then."
    >
      {blocker ? (
        <p className="text-sm">{blocker}</p>
      ) : (
        <Ask seen={seen} action={cancel} label={`Cancel ${ending.planName}`} variant="danger" />
      )}
    </Section>
  );
}

function Keep({ ending, seen }: ShownEnding) {
  return (
    <Section title="Take it back" description="It renews as before.">
      <Ask seen={seen} action={keep} label={`Keep ${ending.planName}`} variant="primary" />
    </Section>
  );
}

function AtOnce({ ending, seen }: ShownEnding) {
  return (
    <Section
      title="At once"
      tone="red"
      description="It cannot be taken back: the organization would have to subscribe anew."
    >
      <Ask seen={seen} action={endNow} label={`End ${ending.planName} now`} variant="danger">
        <CheckField
          name="givesBack"
          label="Credit what was paid for and not used"
          hint="It stays with the customer and goes to later invoices."
        />
      </Ask>
    </Section>
  );
}
