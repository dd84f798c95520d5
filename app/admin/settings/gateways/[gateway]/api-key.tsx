import type { ReactNode } from "react";
import { Banner } from "#app/_ui/banner.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { Facts } from "#app/_ui/facts.tsx";
import { CheckField, TextField } from "#app/_ui/field.tsx";
import { FormDialog } from "#app/_ui/form-dialog.tsx";
import { Id } from "#app/_ui/id.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { Mode } from "#lib/gateways/gateway.ts";
import type { ApiKeyView, GatewayPage, ModeView } from "#lib/settings/views.ts";
import { removeKey, saveKey } from "./actions.ts";
import { GUIDES } from "./guides.ts";

/** The key to ask the gateway with, which source it comes from, and what is missed without one. */
export function ApiKey({ page, side }: { page: GatewayPage; side: ModeView }) {
  const { apiKey, mode } = side;
  return (
    <Section
      title={`API key, ${mode} mode`}
      description={`Optional. With a key, each event makes Billhook ask ${page.title} for the object as it is now.`}
      actions={<KeyDeeds {...{ page, apiKey, mode }} />}
    >
      {apiKey.source === "none" ? <PayloadMode page={page} /> : <Known apiKey={apiKey} />}
    </Section>
  );
}

function PayloadMode({ page }: { page: GatewayPage }) {
  return (
    <Banner tone="warning" title="Events are applied from their payloads">
      That works, and it is second best: what {page.title} never delivered stays unknown, a payload
      tells how things were and not how they are, and a plan may be known only once a later event
      names its price. Add an API key to do better.
    </Banner>
  );
}

function Known({ apiKey }: { apiKey: ApiKeyView }) {
  const isPaused = apiKey.pausedUntil && apiKey.pausedUntil.getTime() > Date.now();
  return (
    <div className="grid gap-4">
      {isPaused && (
        <Banner tone="warning" title="Asking is paused">
          Until <Time at={apiKey.pausedUntil} />. {apiKey.pausedBecause}
        </Banner>
      )}
      <Facts
        items={[
          {
            label: "In force",
            value: (
              <span className="font-mono">
                <span aria-hidden="true">•••• </span>
                <span className="sr-only">ends in </span>
                {apiKey.lastFour}
              </span>
            ),
          },
          {
            label: "Source",
            value: apiKey.source === "environment" ? "Environment" : "Stored here, sealed",
          },
          apiKey.overruledLastFour !== null && {
            label: "Overruled",
            value: `The stored key •••• ${apiKey.overruledLastFour}: the environment's wins.`,
          },
          {
            label: "Account",
            value: apiKey.accountRef ? <Id value={apiKey.accountRef} /> : "Not known to this key",
          },
          apiKey.setAt && {
            label: apiKey.source === "environment" ? "First seen" : "Saved",
            value: (
              <>
                <Time at={apiKey.setAt} relative={false} />
                {apiKey.setBy && ` by ${apiKey.setBy}`}
              </>
            ),
          },
        ]}
      />
    </div>
  );
}

function KeyDeeds({ page, apiKey, mode }: { page: GatewayPage; apiKey: ApiKeyView; mode: Mode }) {
  const isStored = apiKey.source === "stored" || apiKey.overruledLastFour !== null;
  const which = (
    <>
      <input type="hidden" name="gateway" value={page.gateway} />
      <input type="hidden" name="mode" value={mode} />
    </>
  );
  return (
    <>
      <KeyForm {...{ page, mode, isStored }}>{which}</KeyForm>
      {isStored && (
        <Confirm
          trigger={
            <Button size="sm" variant="quiet" aria-label={`Remove ${mode} API key`}>
              Remove
            </Button>
          }
          title={`Remove the ${mode} API key?`}
          confirmLabel="Remove key"
          action={removeKey}
        >
          {which}
          Events are applied from their payloads from then on. Nothing that is known changes. The
          key itself stays valid in {page.title}: revoke it there.
        </Confirm>
      )}
    </>
  );
}

function KeyForm({
  page,
  mode,
  isStored,
  children,
}: {
  page: GatewayPage;
  mode: Mode;
  isStored: boolean;
  children: ReactNode;
}) {
  const guide = GUIDES[page.gateway];
  return (
    <FormDialog
      trigger={
        <Button size="sm">
          {isStored ? "Replace" : "Add"} {mode} key
        </Button>
      }
      title={`${isStored ? "Replace the" : "Add a"} ${mode} API key`}
      description={`Billhook asks ${page.title} whose key it is before keeping it, sealed.`}
      action={saveKey}
    >
      {children}
      <TextField
        name="apiKey"
        label={`Secret or restricted key, ${mode} mode`}
        hint={
          guide && (
            <>
              {guide.keyHint}{" "}
              <TextLink href={guide.keysPage(mode)} external>
                Open {page.title}
              </TextLink>
            </>
          )
        }
        type="password"
        autoComplete="off"
        spellCheck={false}
        required
        mono
      />
      <CheckField
        name="anotherAccount"
        label="Another account"
        hint="Tick it only when the key is meant to belong to another account than the one before."
      />
      <SubmitButton>Check and save key</SubmitButton>
    </FormDialog>
  );
}
