import { Banner } from "#app/_ui/banner.tsx";
import { Button, ButtonLink } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { Facts } from "#app/_ui/facts.tsx";
import { Form } from "#app/_ui/form.tsx";
import { Refresher } from "#app/_ui/refresher.tsx";
import { Section } from "#app/_ui/section.tsx";
import { type Step, Steps } from "#app/_ui/steps.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { ImportView } from "#lib/imports/views.ts";
import { pause, resume, stop } from "./actions.ts";

const LOOK_EVERY_MS = 2_000;

const STAGES = [
  ["checkout", "Read completed checkouts"],
  ["subscription", "Read subscriptions"],
  ["customer", "Read customers"],
  ["matching", "Match by e-mail address"],
  ["settling", "Bring tiers up to date"],
] as const satisfies readonly (readonly [ImportView["stage"], string])[];

/** How far an import is, why it waits, and how to hold it. */
export function Progress({ view, title }: { view: ImportView; title: string }) {
  const isPaused = view.pausedAt !== null;
  const at = STAGES.findIndex(([stage]) => stage === view.stage);
  const number = (count: number) => count.toLocaleString("en");
  const { counts } = view;
  return (
    <Section
      title={isPaused ? "Paused" : "Under way"}
      description={
        <>
          Begun by {view.by} <Time at={view.startedAt} />. You may leave this page; it goes on by
          itself.
        </>
      }
      actions={<Holding view={view} />}
    >
      <div className="grid gap-5">
        {!isPaused && <Refresher everyMs={LOOK_EVERY_MS} />}
        <Waiting view={view} title={title} />
        <Steps
          items={STAGES.map(
            ([, words], index): Step => ({
              title: words,
              state: index < at ? "done" : index === at ? "current" : "todo",
            }),
          )}
        />
        <Facts
          columns={2}
          items={[
            { label: "Customers so far", value: number(counts.customers) },
            { label: "Linked before", value: number(counts.linkedBefore) },
            {
              label: "Linked now",
              value: number(counts.byMetadata + counts.byEmail + counts.byHand + counts.made),
            },
            { label: "Objects on their way", value: number(view.awaited) },
          ]}
        />
        <noscript>
          <ButtonLink href="/admin/customers/import">Look again</ButtonLink>
        </noscript>
      </div>
    </Section>
  );
}

function Waiting({ view, title }: { view: ImportView; title: string }) {
  if (view.pausedAt) {
    return view.pausedBecause ? (
      <Banner tone="warning" title="It was paused by itself">
        {view.pausedBecause} Mend that, then press Go on.
      </Banner>
    ) : null;
  }
  if (!view.waitsUntil || !view.waitsBecause) return null;
  return (
    <Banner title={`Waiting for ${title}`}>
      {view.waitsBecause} It goes on by itself: <Time at={view.waitsUntil} />.
    </Banner>
  );
}

function Holding({ view }: { view: ImportView }) {
  const isPaused = view.pausedAt !== null;
  return (
    <>
      <Form action={isPaused ? resume : pause} className="grid">
        <input type="hidden" name="importId" value={view.id} />
        <SubmitButton variant={isPaused ? "primary" : "secondary"}>
          {isPaused ? "Go on" : "Pause"}
        </SubmitButton>
      </Form>
      <Confirm
        trigger={<Button variant="quiet">Stop</Button>}
        title="Stop this import?"
        confirmLabel="Stop import"
        action={stop}
      >
        <p>What it linked stays linked. To bring in the rest, run it again from the beginning.</p>
        <input type="hidden" name="importId" value={view.id} />
      </Confirm>
    </>
  );
}
