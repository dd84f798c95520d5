import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { Facts } from "#app/_ui/facts.tsx";
import { SelectField, TextField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { FormDialog } from "#app/_ui/form-dialog.tsx";
import type { Tone } from "#app/_ui/statuses.ts";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { Time } from "#app/_ui/time.tsx";
import { counted } from "#lib/counted.ts";
import type { Mode } from "#lib/gateways/gateway.ts";
import type { SecretView } from "#lib/settings/views.ts";
import { relabel, restore, retire } from "./actions.ts";

const STATUSES: Readonly<Record<SecretView["status"], { word: string; tone: Tone }>> = {
  active: { word: "Active", tone: "green" },
  retiring: { word: "Retires later", tone: "blue" },
  retired: { word: "Retired", tone: "grey" },
  lost: { word: "Cannot be opened", tone: "red" },
  absent: { word: "Not in the environment", tone: "grey" },
};

/** One signing secret: what is known of it without showing it, and what can be done with it. */
export function Secret({
  secret,
  isLast,
  mode,
}: {
  secret: SecretView;
  /** Without it, nothing of this mode is believed. */
  isLast: boolean;
  mode: Mode;
}) {
  const { word, tone } = STATUSES[secret.status];
  return (
    <li className="grid min-w-0 gap-3 p-4 sm:px-5">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h3 className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 text-sm font-medium">
          <span className="min-w-0 break-words">{secret.label}</span>
          <span className="font-mono text-muted">
            <span aria-hidden="true">•••• </span>
            <span className="sr-only">ends in </span>
            {secret.lastFour}
          </span>
          <Badge tone={tone}>{word}</Badge>
        </h3>
        {secret.source === "stored" && <Deeds {...{ secret, isLast, mode }} />}
      </div>
      {secret.status === "lost" && (
        <p className="text-sm text-red">
          The master key that sealed it is not in the environment, so it verifies nothing. Put the
          key back into BILLHOOK_MASTER_KEYS, or paste the secret again.
        </p>
      )}
      <Facts
        items={[
          {
            label: "Source",
            value:
              secret.source === "environment"
                ? "Environment (change it there and restart)"
                : "Stored here, sealed",
          },
          {
            label: "Added",
            value: (
              <>
                <Time at={secret.addedAt} relative={false} />
                {secret.addedBy && ` by ${secret.addedBy}`}
              </>
            ),
          },
          {
            label: "Last used",
            value: secret.lastUsedAt ? <Time at={secret.lastUsedAt} /> : "Never",
          },
          { label: "Verified", value: counted(secret.verifiedCount, "delivery", "deliveries") },
          secret.retireAt && {
            label: secret.status === "retired" ? "Retired" : "Retires",
            value: <Time at={secret.retireAt} />,
          },
        ]}
      />
    </li>
  );
}

function Deeds({ secret, isLast, mode }: { secret: SecretView; isLast: boolean; mode: Mode }) {
  const id = <input type="hidden" name="secretId" value={secret.id} />;
  const named = (verb: string) => `${verb} ${secret.label} (${secret.lastFour})`;
  return (
    <div className="flex flex-wrap gap-1">
      <FormDialog
        trigger={
          <Button size="sm" variant="quiet" aria-label={named("Rename")}>
            Rename
          </Button>
        }
        title="Rename signing secret"
        action={relabel}
      >
        {id}
        <TextField name="label" label="Name" defaultValue={secret.label} required maxLength={80} />
        <SubmitButton>Rename</SubmitButton>
      </FormDialog>
      {secret.retireAt && (
        <Form action={restore} className="flex">
          {id}
          <SubmitButton size="sm" variant="quiet" aria-label={named("Use again")}>
            {secret.status === "retired" ? "Use again" : "Keep in use"}
          </SubmitButton>
        </Form>
      )}
      {secret.status !== "retired" && (
        <Confirm
          trigger={
            <Button size="sm" variant="quiet" aria-label={named("Retire")}>
              Retire
            </Button>
          }
          title={`Retire ${secret.label}?`}
          confirmLabel="Retire secret"
          action={retire}
        >
          {id}
          <p>
            From then on deliveries that only this secret proves are refused. They are kept, and
            verified again when a secret is mended. You can use it again later.
          </p>
          {isLast && (
            <p className="font-medium text-red">
              It is the last active {mode} secret: every {mode} delivery will be refused.
            </p>
          )}
          <SelectField
            name="when"
            label="When"
            options={[
              { value: "now", label: "Now" },
              { value: "hour", label: "In an hour" },
              { value: "day", label: "In 24 hours" },
              { value: "week", label: "In 7 days" },
              { value: "at", label: "At the moment below" },
            ]}
          />
          <TextField name="at" label="Moment (UTC)" type="datetime-local" optional />
        </Confirm>
      )}
    </div>
  );
}
