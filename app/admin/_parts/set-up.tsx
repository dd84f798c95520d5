import { Steps } from "#app/_ui/steps.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";

type Done = {
  hasPlans: boolean;
  hasSecrets: boolean;
  hasOrganizations: boolean;
  hasEvents: boolean;
};

/** The way from an empty deployment to the first webhook. */
export function SetUp({ steps }: { steps: Done }) {
  const road = [
    {
      title: "Say what you sell",
      done: steps.hasPlans,
      body: (
        <>
          Tiers say what a customer may use, plans what they pay for it.{" "}
          <TextLink href="/admin/plans">Plans</TextLink>
        </>
      ),
    },
    {
      title: "Connect Stripe",
      done: steps.hasSecrets,
      body: (
        <>
          Copy the webhook address into Stripe and the signing secret back here.{" "}
          <TextLink href="/admin/settings/gateways/stripe">Gateway settings</TextLink>
        </>
      ),
    },
    {
      title: "Make an organization",
      done: steps.hasOrganizations,
      body: (
        <>
          By hand, or from your product over the API.{" "}
          <TextLink href="/admin/organizations/new">New organization</TextLink>
        </>
      ),
    },
    {
      title: "Receive the first event",
      done: steps.hasEvents,
      body: (
        <>
          Send one from Stripe, or with <code className="font-mono">stripe trigger</code>.{" "}
          <TextLink href="/admin/webhooks">Webhooks</TextLink>
        </>
      ),
    },
  ];
  const next = road.findIndex((step) => !step.done);
  return (
    <Steps
      items={road.map((step, index) => ({
        title: step.title,
        state: step.done ? "done" : index === next ? "current" : "todo",
        body: step.done ? undefined : step.body,
      }))}
    />
  );
}
