import { Plus } from "lucide-react";
import { Button } from "#app/_ui/button.tsx";
import { TextField } from "#app/_ui/field.tsx";
import { FormDialog } from "#app/_ui/form-dialog.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import type { Mode } from "#lib/gateways/gateway.ts";
import type { GatewayPage } from "#lib/settings/views.ts";
import { add } from "./actions.ts";
import { GUIDES } from "./guides.ts";

/** Pastes a signing secret. It is sealed, and never shown again. */
export function AddSecret({
  page,
  mode,
  first = false,
}: {
  page: GatewayPage;
  mode: Mode;
  first?: boolean;
}) {
  const guide = GUIDES[page.gateway];
  return (
    <FormDialog
      trigger={
        <Button
          size="sm"
          variant={first && page.deploymentMode === mode ? "primary" : "secondary"}
          icon={<Plus className="size-4" aria-hidden="true" />}
        >
          Add {mode} secret
        </Button>
      }
      title={`Add a ${mode} signing secret`}
      description="It is kept sealed; afterwards only its last four characters are shown. Those that are there go on verifying."
      action={add}
    >
      <input type="hidden" name="gateway" value={page.gateway} />
      <input type="hidden" name="mode" value={mode} />
      <TextField
        name="secret"
        label="Signing secret"
        hint={
          guide && (
            <>
              {guide.secretHint}{" "}
              <TextLink href={guide.webhooksPage(mode)} external>
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
      <TextField
        name="label"
        label="Name"
        hint="To tell it from others, such as the endpoint's address."
        optional
        maxLength={80}
      />
      <SubmitButton>Add secret</SubmitButton>
    </FormDialog>
  );
}
